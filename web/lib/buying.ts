/** What is sold here, and how a number most likely pays. */

import { useCallback, useEffect, useState } from "react";
import { api } from "./session";
import type { Currency, Method, Offers } from "./zimgpt/index.js";

/** Names that people know them by. */
export const WALLETS: Record<Exclude<Method, "web">, string> = {
  ecocash: "EcoCash",
  onemoney: "OneMoney",
  innbucks: "InnBucks",
  omari: "O'mari",
};

export const CURRENCIES: Record<Currency, string> = { USD: "US$", ZWG: "ZiG" };

export interface Shop {
  offers?: Offers;
  error?: unknown;
  again: () => void;
}

/** Asked when a page that sells is opened. */
export function useShop(): Shop {
  const [shop, set] = useState<Omit<Shop, "again">>({});
  const ask = useCallback(() => {
    api.offers().then(
      (offers) => set({ offers }),
      (error: unknown) => set({ error }),
    );
  }, []);
  useEffect(ask, [ask]);
  const again = () => {
    set(({ offers }) => (offers ? { offers } : {})); // what is being filled in stays
    ask();
  };
  return { ...shop, again };
}

/** The nine digits of a mobile number, however it is written; undefined for others. */
export function digits(written: string): string | undefined {
  const bare = written.replace(/[\s().-]/g, "").replace(/^(?:\+|00)?263/, "0");
  return /^0?(7[1-9]\d{7})$/.exec(bare)?.[1];
}

/** The wallet of a network, by the number's prefix: a good guess and no more. */
export function usual(number: string): Method {
  if (/^7[789]/.test(number)) return "ecocash";
  return number.startsWith("71") || number.startsWith("72") ? "onemoney" : "innbucks";
}

/** Whether the wallet is another network's than the number seems to be of. */
export function doubtful(method: Method, number: string): boolean {
  const networks = method === "ecocash" || method === "onemoney";
  return networks && usual(number) !== method;
}

/** As people write it: `077 123 4567`. */
export function written(phone: string): string {
  const found = digits(phone);
  return found ? `0${found.slice(0, 2)} ${found.slice(2, 5)} ${found.slice(5)}` : "";
}
