/** Payments, the latest first; older ones when they are wanted. */

import { useCallback, useEffect, useState } from "react";
import { explained } from "../lib/errors";
import { payPlace } from "../lib/places";
import { api, useClient, useSession } from "../lib/session";
import { useTexts, type Key, type Texts } from "../lib/texts";
import { moment } from "../lib/time";
import type { Payment, PaymentState } from "../lib/zimgpt/index.js";
import { Link } from "./link";
import { Note } from "./note";

const FIRST = 3;
const PAGE = 20;

export const STATES = {
  waiting: "pay.state.waiting",
  checking: "pay.state.checking",
  credited: "pay.state.credited",
  cancelled: "pay.state.cancelled",
  failed: "pay.state.failed",
  review: "pay.state.review",
  disputed: "pay.state.disputed",
  refunded: "pay.state.refunded",
} satisfies Record<PaymentState, Key>;

export function Payments() {
  const texts = useTexts();
  const { t } = texts;
  const { status } = useSession();
  const told = useClient()?.payments;
  const [lines, keep] = useState<Payment[]>();
  const [more, expect] = useState(false);
  const [error, fail] = useState<unknown>();
  const load = useCallback(async (before: Payment[]) => {
    const last = before.at(-1);
    const limit = last ? PAGE : FIRST;
    fail(undefined);
    try {
      const { payments } = await api.payments({ limit, ...(last ? { before: last.id } : {}) });
      keep([...before, ...payments]);
      expect(payments.length === limit);
    } catch (trouble) {
      fail(trouble);
    }
  }, []);
  useEffect(() => {
    if (status === "in") void load([]);
  }, [status, load]);
  return (
    <section className="card" aria-busy={lines === undefined && error === undefined}>
      <h2>{t("wallet.payments")}</h2>
      {lines?.length === 0 && <p className="soft">{t("wallet.payments.none")}</p>}
      {lines && lines.length > 0 && (
        <ul className="lines">
          {lines.map((one) => (
            <Line key={one.id} payment={fresher(one, told?.get(one.id))} />
          ))}
        </ul>
      )}
      {lines === undefined && error === undefined && <span className="bone w80" aria-hidden="true" />}
      {error !== undefined && <Note tone="warn">{explained(texts, error)}</Note>}
      {(more || error !== undefined) && (
        <button className="button plain" onClick={() => void load(lines ?? [])}>
          {t(error === undefined ? "wallet.more" : "shell.again")}
        </button>
      )}
    </section>
  );
}

function fresher(one: Payment, told: Payment | undefined): Payment {
  return told && told.version > one.version ? told : one;
}

/** Of tokens that came and went again with the money, that they did. */
export function tokensOf({ t }: Texts, { state, tokens, credited_at: came }: Payment): string {
  const back = came !== undefined && (state === "disputed" || state === "refunded");
  return t(back ? "pay.back" : "chat.cost", { tokens });
}

function Line({ payment }: { payment: Payment }) {
  const texts = useTexts();
  const { t } = texts;
  return (
    <li>
      <Link className="line-link" href={payPlace(payment.id)}>
        <span>
          <strong className="figure">{payment.price}</strong>
          <span className="soft small-text block">
            {tokensOf(texts, payment)}&nbsp;· <span className="whole">{moment(payment.created_at)}</span>
          </span>
        </span>
        <span className={`state ${payment.state}`}>{t(STATES[payment.state])}</span>
      </Link>
    </li>
  );
}
