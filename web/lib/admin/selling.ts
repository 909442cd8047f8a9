/** What is sold, as the shop's rooms tell of it: rows of the database. */

/** Whoever made a version; null for what came with the program. */
interface Made {
  valid_from: string;
  who: string | null;
  reason: string | null;
}

export interface Price {
  model: string;
  prompt_millis: number;
  completion_millis: number;
  valid_from: string;
}

export interface Cost {
  model: string;
  prompt_micros: number;
  completion_micros: number;
  valid_from: string;
}

export interface Prices {
  /** Those that are configured, in the order in which they are tried. */
  models: string[];
  prices: Price[];
  costs: Cost[];
  price_history: (Price & Made)[];
  cost_history: (Cost & Made)[];
}

export interface Package {
  package: string;
  version: number;
  tokens: number;
  cents: number;
  offered: boolean;
  valid_from: string;
}

export interface Rate {
  version: number;
  currency: string;
  cents_per_dollar: number;
}

export interface Packages {
  packages: Package[];
  history: (Package & Made)[];
  rates: (Rate & Made)[];
}

export interface Batch {
  batch: string;
  tokens: number;
  vouchers: number;
  redeemed: number;
  made_at: string;
  expires_at: string;
  revoked_at: string | null;
}

/** A whole number as it is typed: `12,500`; NaN for what is none. */
export function typedNumber(text: string | undefined): number {
  const plain = (text ?? "").replace(/[\s,]/g, "");
  return /^\d{1,15}$/.test(plain) ? Number(plain) : NaN;
}

/** An amount as it is typed, such as 2.50, in units of which `digits` zeros make one. */
export function typedAmount(text: string | undefined, digits: number): number {
  const found = /^(\d{1,7})(?:\.(\d+))?$/.exec((text ?? "").replace(/[\s,]/g, ""));
  const after = found?.[2] ?? "";
  if (!found || after.length > digits) return NaN;
  return Number(found[1]) * 10 ** digits + Number(after.padEnd(digits, "0") || "0");
}

/** The same again, to be typed over: no zeros that say nothing but two. */
export function amount(units: number, digits: number): string {
  const written = (units / 10 ** digits).toFixed(digits);
  return written.replace(/(\.\d\d\d*?)0+$/, "$1");
}

/** Millionths of a dollar for a million tokens: `US$0.15`. */
export function perMillion(micros: number): string {
  return `US$${amount(micros, 6)}`;
}

/** Thousandths as what they are of a whole: `1.5`. */
export function perToken(millis: number): string {
  return (millis / 1000).toLocaleString("en", { maximumFractionDigits: 3 });
}
