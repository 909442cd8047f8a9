/** What was agreed to and what came of it, with both references. */

import { WALLETS } from "../lib/buying";
import { WALLET } from "../lib/places";
import { count, useTexts, type Key } from "../lib/texts";
import { moment } from "../lib/time";
import type { Payment } from "../lib/zimgpt/index.js";
import { Icon } from "./icon";
import { Link } from "./link";
import { STATES } from "./payments";
import { give } from "./share";

type Fact = [Key, string | undefined];

export function Receipt({ payment }: { payment: Payment }) {
  const { t } = useTexts();
  const { method, state } = payment;
  const facts: Fact[] = [
    ["pay.state", t(STATES[state])],
    ["pay.amount", payment.price],
    ["pay.tokens", count(payment.tokens)],
    ["pay.how", method === "web" ? t("wallet.web") : WALLETS[method]],
    ["pay.phone", payment.phone],
    ["pay.for", payment.beneficiary],
    ["pay.begun", moment(payment.created_at)],
    ["pay.credited", payment.credited_at && moment(payment.credited_at)],
    ["pay.ours", payment.reference],
    ["pay.theirs", payment.gateway_reference],
  ];
  const known = facts.filter((fact): fact is [Key, string] => Boolean(fact[1]));
  const paid = state === "credited";
  const text = ["ZimGPT", ...known.map(([name, value]) => `${t(name)}: ${value}`)].join("\n");
  return (
    <section className="card receipt">
      <h2>{t(paid ? "pay.receipt" : "pay.details")}</h2>
      <dl className="facts">
        {known.map(([name, value]) => (
          <div key={name}>
            <dt>{t(name)}</dt>
            <dd className="figure">{value}</dd>
          </div>
        ))}
      </dl>
      <div className="row tools">
        <button className="button plain" onClick={() => void give(text)}>
          <Icon of="share" small /> {t("chat.share")}
        </button>
        {paid && (
          <button className="button plain" onClick={() => print()}>
            <Icon of="print" small /> {t("essay.print")}
          </button>
        )}
        {state !== "refunded" && ( // which leads there anyhow
          <Link className="button quiet" href={WALLET}>
            {t("pay.wallet")}
          </Link>
        )}
      </div>
    </section>
  );
}
