/** Where things stand in a chart: plain arithmetic, without a screen. */

export interface Scale {
  /** Round numbers from the lowest to the highest, each with its line. */
  ticks: number[];
  low: number;
  high: number;
}

/** Round steps that hold all of it and zero; three or four of them. */
export function scale(lowest: number, highest: number): Scale {
  const [from, to] = [Math.min(0, lowest), Math.max(0, highest)];
  const step = round((to - from || 1) / 3.5);
  const first = Math.floor(from / step + 1e-9);
  const last = Math.max(Math.ceil(to / step - 1e-9), first + 1);
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step);
  return { ticks, low: first * step, high: last * step };
}

/** The next of 1, 2, 2.5, 5 and their tenfold. */
function round(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  return ([1, 2, 2.5, 5, 10].find((one) => one * power >= size * 0.999) ?? 10) * power;
}

/** Every how many columns a name has room. */
export function every(columns: number, width: number, room: number): number {
  return Math.max(1, Math.ceil((columns * room) / Math.max(width, 1)));
}

/** What is between a line and the ground, one piece for each stretch of known points. */
export function area(points: ([number, number] | null)[], ground: number): string {
  const pieces: [number, number][][] = [[]];
  for (const point of points) {
    if (point === null) pieces.push([]);
    else pieces.at(-1)?.push(point);
  }
  return pieces
    .filter((piece) => piece.length > 1)
    .map((piece) => `${path([[piece[0]?.[0] ?? 0, ground], ...piece, [piece.at(-1)?.[0] ?? 0, ground]])}z`)
    .join("");
}

/** A line through the points that are known; it breaks where one is not. */
export function path(points: ([number, number] | null)[]): string {
  let pen = "M";
  return points
    .map((point) => {
      if (point === null) {
        pen = "M";
        return "";
      }
      const drawn = `${pen}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
      pen = "L";
      return drawn;
    })
    .join("");
}

/** A bar from one height to another, whose far end may be rounded. */
export function bar(x: number, width: number, from: number, to: number, rounded: boolean): string {
  const round = rounded ? Math.min(3, width / 2, Math.abs(to - from)) : 0;
  const towards = to < from ? round : -round;
  return `M${x.toFixed(1)} ${from.toFixed(1)}V${(to + towards).toFixed(1)}q0 ${-towards} ${round} ${-towards}h${(width - 2 * round).toFixed(1)}q${round} 0 ${round} ${towards}V${from.toFixed(1)}z`;
}
