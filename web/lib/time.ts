/** Days and hours as people here read them. */

const ZONE = "Africa/Harare";

/** `25 Nov 2026, 17:00`. */
export function moment(time: string): string {
  return new Date(time).toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: ZONE,
  });
}

/** This month and those before it, the latest first, written 2026-11. */
export function months(count: number): string[] {
  const today = new Date().toLocaleDateString("en-CA", { timeZone: ZONE });
  const [year = 0, month = 1] = today.split("-").map(Number);
  return Array.from({ length: count }, (_, back) => {
    const first = new Date(Date.UTC(year, month - 1 - back, 1));
    return first.toISOString().slice(0, 7);
  });
}

/** `11/2026`: no names of months, which differ with each language. */
export function monthName(month: string): string {
  return month.split("-").reverse().join("/");
}
