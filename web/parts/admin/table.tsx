/** Rows and columns; on a phone each row is a card with the columns' names in it. */

import type { ReactNode } from "react";

export interface Column<T> {
  name: string;
  cell: (row: T) => ReactNode;
  /** Figures stand at the end of their column. */
  figure?: boolean;
  /** A text of any length, which may be broken anywhere. */
  long?: boolean;
}

interface TableProps<T> {
  /** What it is, for who cannot see it. */
  label: string;
  columns: Column<T>[];
  rows: T[];
  id: (row: T) => string | number;
  /** What is said where there are no rows. */
  none: string;
}

export function Table<T>({ label, columns, rows, id, none }: TableProps<T>) {
  if (rows.length === 0) return <p className="soft">{none}</p>;
  return (
    <table className="rows" aria-label={label}>
      <thead>
        <tr>
          {columns.map(({ name, figure }) => (
            <th key={name} scope="col" className={figure ? "end" : undefined}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={id(row)}>
            {columns.map(({ name, cell, figure, long }) => (
              <td key={name} data-name={name} className={figure ? "end figure" : long ? "long" : undefined}>
                <span>{cell(row)}</span>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What is under a list that goes on. */
export function More({ more }: { more: (() => void) | undefined }) {
  if (more === undefined) return null;
  return (
    <div className="centred">
      <button className="button plain" onClick={more}>
        Show more
      </button>
    </div>
  );
}
