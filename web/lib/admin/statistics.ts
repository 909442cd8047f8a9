/** Figures of a day, a week or a month as `/admin/api/figures` tells them. */

import { money } from "./figures";

export type Span = "day" | "week" | "month";
/** A number for each moment; null where nothing is known. */
export type Line = (number | null)[];

export interface Wait {
  answers: number;
  first_half: number;
  first_most: number;
  whole_half: number | null;
  whole_most: number | null;
}

export interface Statistics {
  span: Span;
  /** Days, written 2026-11-25: the first of this stretch, of the next and the previous. */
  first: string;
  next: string;
  previous: string;
  moments: string[];
  kinds: Record<string, number[]>;
  channels: Record<string, number[]>;
  failed: number[];
  prompt: number[];
  completion: number[];
  sold: number[];
  given: number[];
  spent: number[];
  /** Cents by currency, less what went back. */
  revenue: Record<string, number[]>;
  payments: number[];
  /** All currencies in US cents, by the price of what was sold. */
  cents: number[];
  /** Millionths of a dollar. */
  cost: Line;
  margin: Line;
  /** Answers of models whose cost is not known. */
  uncosted: number[];
  charged: Record<string, number[]>;
  free: number[];
  waits: (Wait | null)[];
  overall: Wait | null;
}

export function sum(line: number[]): number {
  return line.reduce((all, one) => all + one, 0);
}

/** The sum; null if a part of it is not known. */
export function whole(line: Line): number | null {
  return line.includes(null) ? null : sum(line as number[]);
}

/** `1,234`, `12.3k`, `4.5M`: as short as an axis wants it. */
export function short(number: number): string {
  const size = Math.abs(number);
  for (const [unit, name] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]] as const) {
    if (size >= unit) return minus((number / unit).toLocaleString("en", { maximumFractionDigits: size < 10 * unit ? 1 : 0 }) + name);
  }
  return minus(number.toLocaleString("en", { maximumFractionDigits: 2 }));
}

/** A whole number with its thousands marked. */
export function full(number: number): string {
  return minus(number.toLocaleString("en"));
}

/** Millionths of a dollar, as exactly as such an amount is worth it. */
export function dollars(micros: number): string {
  const cents = micros / 10_000;
  if (micros !== 0 && Math.abs(cents) < 100) {
    const digits = Math.abs(cents) < 1 ? 6 : 4;
    return `${micros < 0 ? "−" : ""}US$${(Math.abs(micros) / 1e6).toFixed(digits)}`;
  }
  return money(Math.round(cents), "USD");
}

/** The same for an axis: `$1.2k`. */
export function shortDollars(micros: number): string {
  const sign = micros < 0 ? "−" : "";
  return `${sign}$${short(Math.abs(micros) / 1e6)}`;
}

/** Milliseconds: `850 ms`, `1.2 s`, `1 min 20 s`. */
export function waited(milliseconds: number): string {
  if (milliseconds < 1_000) return `${milliseconds} ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 60) return `${seconds.toLocaleString("en", { maximumFractionDigits: 1 })} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

function minus(text: string): string {
  return text.replace("-", "−");
}

// ---- moments as people read them, by the clock in Zimbabwe ---------------------------

const ZONE = "Africa/Harare";

function written(moment: string, options: Intl.DateTimeFormatOptions): string {
  return new Date(moment).toLocaleString("en-GB", { timeZone: ZONE, ...options });
}

/** Under a chart: `14`, `Mon 9`, `9`. */
export function tick(span: Span, moment: string): string {
  if (span === "day") return written(moment, { hour: "2-digit", hourCycle: "h23" });
  if (span === "week") return written(moment, { weekday: "short", day: "numeric" });
  return written(moment, { day: "numeric" });
}

/** In a sentence: `25 Nov, 14:00 to 15:00`, `Mon, 9 Nov`. */
export function named(span: Span, moment: string): string {
  if (span !== "day") return written(moment, { weekday: "short", day: "numeric", month: "short" });
  const day = written(moment, { day: "numeric", month: "short" });
  const hours = [0, 3_600_000].map((later) =>
    written(new Date(Date.parse(moment) + later).toISOString(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  );
  return `${day}, ${hours.join(" to ")}`;
}

/** `November 2026`, `23 to 29 November 2026`, `Wed 25 November 2026`. */
export function stretchName(span: Span, first: string): string {
  const day = new Date(`${first}T12:00:00Z`);
  const say = (date: Date, options: Intl.DateTimeFormatOptions) => date.toLocaleString("en-GB", { timeZone: "UTC", ...options });
  if (span === "month") return say(day, { month: "long", year: "numeric" });
  if (span === "day") return say(day, { weekday: "short", day: "numeric", month: "long", year: "numeric" }).replace(",", "");
  const last = new Date(day.getTime() + 6 * 86_400_000);
  const both = day.getUTCMonth() === last.getUTCMonth();
  const from = say(day, both ? { day: "numeric" } : { day: "numeric", month: "long" });
  return `${from} to ${say(last, { day: "numeric", month: "long", year: "numeric" })}`;
}

/** Today there, written 2026-11-25. */
export function today(): string {
  return new Date().toLocaleDateString("en-CA", { timeZone: ZONE });
}
