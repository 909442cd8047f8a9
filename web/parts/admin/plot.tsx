/** Bars or lines in one SVG, as wide as there is room. */

import { useEffect, useId, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import { area, bar, every, path, scale } from "../../lib/admin/scale";
import type { Line } from "../../lib/admin/statistics";

export interface Series {
  name: string;
  values: Line;
  /** Which colour, from 1; the order is that of the legend. */
  tone: number;
}

export interface PlotProps {
  /** What it is about, and what it says in one sentence. */
  title: string;
  sentence: string;
  /** Bars on each other, the second in front of the first, or lines. */
  form: "stacked" | "inside" | "lines";
  series: Series[];
  /** Short names under the columns, and long ones. */
  ticks: string[];
  names: string[];
  /** A value for the axis, and one in full. */
  short: (value: number) => string;
  full: (value: number) => string;
  /** The column that is looked at. */
  at: number | undefined;
  look: (at: number | undefined) => void;
  low?: boolean;
}

const TOP = 10;
const FOOT = 24;
const LEFT = 46;
const RIGHT = 6;

export function Plot(props: PlotProps) {
  const { title, sentence, series, names, ticks, at, look, full, low = false } = props;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const id = useId();
  const height = low ? 150 : 220;
  const columns = ticks.length;
  const inner = Math.max(width - LEFT - RIGHT, 1);
  const place = (event: PointerEvent<HTMLElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
    look(Math.min(columns - 1, Math.max(0, Math.floor((x / inner) * columns))));
  };
  const said = at === undefined ? sentence : `${names[at] ?? ""}: ${told(series, at, full)}`;
  return (
    <div
      className={low ? "plot low" : "plot"}
      ref={frame}
      role="slider"
      tabIndex={0}
      aria-label={`${title}. Arrow keys go from one to the next.`}
      aria-orientation="horizontal"
      aria-valuemin={1}
      aria-valuemax={columns}
      aria-valuenow={(at ?? columns - 1) + 1}
      aria-valuetext={said}
      onKeyDown={(event) => keyed(event, columns, at, look)}
      onPointerMove={place}
      onPointerDown={place}
      onPointerLeave={(event) => event.pointerType === "mouse" && look(undefined)}
      onBlur={() => look(undefined)}
    >
      <svg width={width} height={height} role="img" aria-labelledby={`${id}-t ${id}-d`}>
        <title id={`${id}-t`}>{title}</title>
        <desc id={`${id}-d`}>{sentence}</desc>
        {width > 0 && <Drawn {...props} width={width} height={height} />}
      </svg>
    </div>
  );
}

/** All values of a column in a sentence. */
export function told(series: Series[], at: number, full: (value: number) => string): string {
  return series
    .map(({ name, values }) => {
      const value = values[at];
      return `${name} ${value === null || value === undefined ? "not known" : full(value)}`;
    })
    .join(", ");
}

function keyed(event: KeyboardEvent, columns: number, at: number | undefined, look: PlotProps["look"]): void {
  const from = at ?? (event.key === "ArrowLeft" ? columns : -1);
  const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: columns - 1 }[event.key];
  if (event.key === "Escape") look(undefined);
  if (to === undefined) return;
  event.preventDefault();
  look(Math.min(columns - 1, Math.max(0, to)));
}

function Drawn({ form, series, ticks, short, at, width, height }: PlotProps & { width: number; height: number }) {
  const columns = ticks.length;
  const inner = width - LEFT - RIGHT;
  const step = inner / columns;
  const { low, high, ticks: marks } = extent(form, series);
  const x = (column: number) => LEFT + column * step;
  const y = (value: number) => TOP + ((high - value) / (high - low)) * (height - TOP - FOOT);
  const gap = every(columns, inner, Math.max(...ticks.map((one) => one.length)) * 7.5 + 10);
  return (
    <>
      {at !== undefined && <rect className="looked-at" x={x(at)} y={TOP - 6} width={step} height={height - TOP - FOOT + 6} rx="3" />}
      {marks.map((mark) => (
        <g key={mark}>
          <line className={mark === 0 ? "ground" : "mark"} x1={LEFT} x2={width - RIGHT} y1={y(mark)} y2={y(mark)} />
          <text className="axis" x={LEFT - 8} y={y(mark) + 4} textAnchor="end">
            {short(mark)}
          </text>
        </g>
      ))}
      {ticks.map((name, column) =>
        column % gap === 0 ? (
          <text key={column} className={column === at ? "axis now" : "axis"} x={x(column) + step / 2} y={height - 6} textAnchor="middle">
            {name}
          </text>
        ) : null,
      )}
      {form === "lines" ? <Lines {...{ series, at, x, y, step }} /> : <Bars {...{ form, series, x, y, step }} />}
    </>
  );
}

/** The lowest and highest that has to find room. */
function extent(form: PlotProps["form"], series: Series[]) {
  const values = series.map((one) => one.values.map((value) => value ?? 0));
  if (form !== "stacked") return scale(Math.min(...values.flat()), Math.max(...values.flat()));
  const columns = values[0]?.length ?? 0;
  const sums = (sign: 1 | -1) =>
    Array.from({ length: columns }, (_, at) => values.reduce((all, one) => all + Math.max(0, sign * (one[at] ?? 0)), 0));
  return scale(-Math.max(...sums(-1)), Math.max(...sums(1)));
}

interface Places {
  series: Series[];
  x: (column: number) => number;
  y: (value: number) => number;
  step: number;
}

function Bars({ form, series, x, y, step }: Places & { form: PlotProps["form"] }) {
  const columns = series[0]?.values.length ?? 0;
  return (
    <>
      {Array.from({ length: columns }, (_, column) => {
        let [above, below] = [0, 0];
        return series.map(({ name, values, tone }, place) => {
          const value = values[column] ?? 0;
          if (value === 0) return null;
          const from = form === "inside" ? 0 : value > 0 ? above : below;
          if (value > 0) above += value;
          else below += value;
          const last = form === "inside" || !series.slice(place + 1).some((one) => Math.sign(one.values[column] ?? 0) === Math.sign(value));
          const wide = Math.min(step * (form === "inside" && place > 0 ? 0.34 : 0.72), 44);
          return <path key={name} className={`fill tone-${tone}`} d={bar(x(column) + (step - wide) / 2, wide, y(from), y(from + value), last)} />;
        });
      })}
    </>
  );
}

function Lines({ series, at, x, y, step }: Places & { at: number | undefined }) {
  const points = ({ values }: Series) => values.map((value, column) => (value === null ? null : ([x(column) + step / 2, y(value)] as [number, number])));
  return (
    <>
      {series.map((one) => {
        const places = points(one);
        const alone = places.filter((point, column) => point && !places[column - 1] && !places[column + 1]);
        const looked = at === undefined ? null : places[at];
        return (
          <g key={one.name} className={`tone-${one.tone}`}>
            <path className={`under tone-${one.tone}`} d={area(places, y(0))} />
            <path className={`stroke tone-${one.tone}`} d={path(places)} />
            {alone.map((point) => point && <circle key={point[0]} className={`fill tone-${one.tone}`} cx={point[0]} cy={point[1]} r="2.5" />)}
            {looked && <circle className={`dot tone-${one.tone}`} cx={looked[0]} cy={looked[1]} r="4.5" />}
          </g>
        );
      })}
    </>
  );
}

/** How wide an element is, in whole pixels; 0 until that is known. */
function useWidth(of: { current: HTMLElement | null }): number {
  const [width, set] = useState(0);
  useEffect(() => {
    const element = of.current;
    if (element === null) return undefined;
    const watch = new ResizeObserver(([entry]) => set(Math.floor(entry?.contentRect.width ?? 0)));
    watch.observe(element);
    return () => watch.disconnect();
  }, [of]);
  return width;
}
