/** A chart with its legend, which tells the sums or the column looked at, and its numbers. */

import { useState, type ReactNode } from "react";
import { Plot, type PlotProps, type Series } from "./plot";

export interface ChartProps extends Omit<PlotProps, "at" | "look" | "series" | "sentence"> {
  /** Each with its sum, or what stands for it; null is not known. */
  series: (Series & { total: number | null })[];
  /** What the totals are of: "the whole month". */
  of: string;
}

export function Chart({ series, of, ...props }: ChartProps) {
  const [at, look] = useState<number>();
  const { title, names, full } = props;
  const said = (value: number | null | undefined) => (value === null || value === undefined ? "not known" : full(value));
  const sentence = `In ${of}: ${series.map(({ name, total }) => `${name} ${said(total)}`).join(", ")}`;
  const empty = series.every(({ values }) => values.every((value) => !value));
  return (
    <figure className="chart" data-chart={title}>
      <figcaption className="chart-head">
        <h3 className="chart-title">
          {title} <span className="chart-when">{at === undefined ? of : names[at]}</span>
        </h3>
        <ul className="legend" aria-hidden="true">
          {series.map(({ name, tone, total, values }) => (
            <li key={name}>
              <span className={`swatch tone-${tone}`} /> {name} <strong className="figure">{said(at === undefined ? total : values[at])}</strong>
            </li>
          ))}
        </ul>
      </figcaption>
      {empty ? <p className="soft nothing">Nothing here in this time.</p> : <Plot {...props} series={series} sentence={sentence} at={at} look={look} />}
      <Numbers series={series} names={names} title={title} said={said} of={of} />
    </figure>
  );
}

/** The same as a table, for who would rather read or copy it. */
function Numbers({ series, names, title, said, of }: { series: ChartProps["series"]; names: string[]; title: string; said: (value: number | null | undefined) => string; of: string }) {
  const [shown, show] = useState(false);
  return (
    <details className="numbers" onToggle={(event) => show(event.currentTarget.open)}>
      <summary>Numbers</summary>
      {shown && (
        <div className="scroll-x table" tabIndex={0} role="region" aria-label={title}>
          <table className="numbers-table">
            <thead>
              <tr>
                <th scope="col">When</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col" className="end">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {names.map((name, at) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {series.map((one) => (
                    <td key={one.name} className="end figure">
                      {said(one.values[at])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row">{of}</th>
                {series.map(({ name, total }) => (
                  <td key={name} className="end figure">
                    {said(total)}
                  </td>
                ))}
              </tr>
            </tfoot>
          </table>
        </div>
      )}
    </details>
  );
}

/** A card of charts that belong together. */
export function Charts({ title, about, children }: { title: string; about?: string; children: ReactNode }) {
  return (
    <section className="card charts">
      <div className="stack close">
        <h2>{title}</h2>
        {about && <p className="soft small-text">{about}</p>}
      </div>
      {children}
    </section>
  );
}
