/** How long to wait before connecting again: for ever, growing, and never in step. */

export const LONGEST = 15_000;
const SHORTEST = 500;

/** Milliseconds before try number `tries` (0 is the first); `random` is in [0, 1). */
export function wait(tries: number, random: number): number {
  const most = Math.min(LONGEST, SHORTEST * 2 ** Math.min(tries, 20));
  return most * (0.5 + random / 2);
}
