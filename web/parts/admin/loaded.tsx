/** What was fetched; until then bones, and what went wrong with a way to try again. */

import type { ReactNode } from "react";
import type { Loading } from "../../lib/admin/loading";
import { Note } from "../note";

interface LoadedProps<T> {
  of: Loading<T>;
  children: (data: T) => ReactNode;
}

export function Loaded<T>({ of: { data, trouble, again }, children }: LoadedProps<T>) {
  return (
    <>
      {trouble !== undefined && (
        <div className="stack close">
          <Note tone="bad">{trouble}</Note>
          <div>
            <button className="button plain" onClick={again}>
              Try again
            </button>
          </div>
        </div>
      )}
      {data === undefined && trouble === undefined && (
        <div className="stack" aria-hidden="true">
          <span className="bone w60" />
          <span className="bone" />
          <span className="bone w80" />
        </div>
      )}
      {data !== undefined && children(data)}
    </>
  );
}
