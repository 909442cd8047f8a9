/**
 * One payment as it stands, from whichever of the websocket and HTTP tells first.
 *
 * The socket writes its sentences in English; in other languages the payment is read
 * again over HTTP when the socket has told of it.
 */

import { useCallback, useEffect, useRef, useState } from "react";
import { api, useClient } from "./session";
import { useTexts } from "./texts";
import { ApiError, type Payment } from "./zimgpt/index.js";

/** Seconds that the server may wait for news. */
const WAIT = 25;
/** Milliseconds between two tries without a network. */
const PAUSE = 3_000;

export interface Watched {
  payment?: Payment;
  /** Why there is none, or why what is shown may be old. */
  error?: unknown;
  /** Takes what another request has told. */
  heard: (payment: Payment) => void;
}

function later(one: Payment, than: Payment | undefined): Payment {
  return than && than.id === one.id && than.version > one.version ? than : one;
}

export function open(payment: Payment): boolean {
  return payment.state === "waiting" || payment.state === "checking";
}

/** Follows a payment for as long as it can be expected to change. */
export function usePayment(id: string | undefined): Watched {
  const { language } = useTexts();
  const [payment, keep] = useState<Payment>();
  const [error, fail] = useState<unknown>();
  const told = useClient()?.payments.get(id ?? "");
  const latest = useRef<Payment>(undefined);
  const heard = useCallback((one: Payment) => {
    latest.current = later(one, latest.current);
    keep(latest.current);
    fail(undefined);
  }, []);
  useEffect(() => {
    if (id === undefined) return;
    let gone = false;
    const follow = async () => {
      api.language = language;
      let version = 0; // at first as it is, in this language
      while (!gone) {
        try {
          const one = await api.payment(id, version, version ? WAIT : 0);
          if (gone) return;
          heard(one);
          if (!open(one)) return;
          version = latest.current?.version ?? one.version;
          await seen();
        } catch (trouble) {
          if (gone) return;
          fail(trouble);
          if (trouble instanceof ApiError && /^40[14]$/.test(`${trouble.status}`)) return;
          await new Promise((next) => setTimeout(next, PAUSE));
        }
      }
    };
    void follow();
    return () => void (gone = true);
  }, [id, language, heard]);
  useEffect(() => {
    if (told === undefined || told.version <= (latest.current?.version ?? 0)) return;
    if (language === "en") heard(told);
    else api.payment(told.id).then(heard, () => heard(told));
  }, [told, language, heard]);
  return { heard, ...(payment ? { payment } : {}), ...(error === undefined ? {} : { error }) };
}

/** Resolves when the page can be seen: nobody pays data for a page in a pocket. */
function seen(): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((shown) => {
    document.addEventListener("visibilitychange", () => shown(), { once: true });
  });
}
