/** Figures and names as operators read them. */

/** Cents as money: `US$2.50`, `ZiG 26.80`. */
export function money(minor: number, currency: string): string {
  const amount = (Math.abs(minor) / 100).toLocaleString("en", { minimumFractionDigits: 2 });
  return `${minor < 0 ? "−" : ""}${currency === "USD" ? "US$" : "ZiG "}${amount}`;
}

/** Tokens that came or went: `+5,000`, `−12`. */
export function moved(tokens: number): string {
  return `${tokens < 0 ? "−" : "+"}${Math.abs(tokens).toLocaleString("en")}`;
}

/** Seconds in their largest unit: `3 h`. */
export function span(seconds: number): string {
  for (const [unit, size] of [["d", 86_400], ["h", 3_600], ["min", 60]] as const) {
    if (seconds >= 2 * size) return `${Math.floor(seconds / size)} ${unit}`;
  }
  return `${Math.floor(seconds)} s`;
}

/** A name of the database as words: `approve_payment` is `approve payment`. */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

const MOVES: Record<string, string> = {
  purchase: "bought",
  grant: "given",
  reserve: "set aside for an answer",
  settle: "rest of what was set aside",
  refund: "given back",
  adjust: "by hand",
};

/** Why tokens moved, by the ledger's own word. */
export function move(kind: string): string {
  return MOVES[kind] ?? words(kind);
}
