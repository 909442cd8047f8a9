/** How a payment stands: in a word, in a sentence, and in colour. */

import { useTexts } from "../lib/texts";
import type { Payment, PaymentState } from "../lib/zimgpt/index.js";
import { Icon, type Drawing } from "./icon";
import { STATES, tokensOf } from "./payments";

const DRAWINGS: Record<PaymentState, Drawing> = {
  waiting: "wallet",
  checking: "search",
  credited: "check",
  cancelled: "close",
  failed: "warn",
  review: "person",
  disputed: "warn",
  refunded: "again",
};

export function Stand({ payment }: { payment: Payment }) {
  const texts = useTexts();
  const { t } = texts;
  const { state, price, message, prompt } = payment;
  const asking = state === "waiting" && prompt === undefined;
  return (
    <section className={`card stand ${state}`} data-state={state}>
      <div className="stand-top">
        <span className="stand-mark">
          <Icon of={DRAWINGS[state]} />
        </span>
        <div>
          <h2>{t(asking ? "pay.state.asking" : STATES[state])}</h2>
          <p className="soft figure">
            {price} · {tokensOf(texts, payment)}
          </p>
        </div>
      </div>
      <p role="status">
        {asking && <span className="dots" aria-hidden="true" />}
        {message}
      </p>
    </section>
  );
}
