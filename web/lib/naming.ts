/** What a person knows a browser by. */

const BROWSERS = /(Edg|OPR|SamsungBrowser|Firefox|Chrome|Safari)\/\d+/;
const PLACES = /Android|iPhone|iPad|Windows|Macintosh|Linux/;
const NAMES: Record<string, string> = { Edg: "Edge", OPR: "Opera", SamsungBrowser: "Samsung Internet" };

/** A browser by the long name that it gives itself; what is not known, as it is. */
export function named(client: string): string {
  const browser = BROWSERS.exec(client)?.[1];
  const place = PLACES.exec(client)?.[0];
  if (place === undefined) return client;
  return browser === undefined ? place : `${NAMES[browser] ?? browser}, ${place}`;
}
