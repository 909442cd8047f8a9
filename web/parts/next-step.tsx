/** What can be done once a payment has come to an end, whichever it was. */

import { WALLET } from "../lib/places";
import { useTexts, type Key } from "../lib/texts";
import type { Payment } from "../lib/zimgpt/index.js";
import { Link } from "./link";

const AFTER_FAILURE: Record<string, Key> = {
  no_funds: "pay.next.smaller",
  wrong_number: "pay.next.number",
  refused: "pay.next.another",
};

export function Next({ payment }: { payment: Payment }) {
  const { t } = useTexts();
  const { state, reason = "", currency } = payment;
  const again = `${WALLET}?package=${payment.package}&currency=${currency}#buy`;
  switch (state) {
    case "credited":
      return <Steps href="/chat" name={t("pay.next.ask")} />;
    case "failed":
      return <Steps href={again} name={t(AFTER_FAILURE[reason] ?? "shell.again")} />;
    case "cancelled":
      return <Steps href={again} name={t("shell.again")} />;
    case "refunded":
      return <Steps href={WALLET} name={t("pay.wallet")} />;
    default:
      return null;
  }
}

function Steps({ href, name }: { href: string; name: string }) {
  return (
    <Link className="button wide" href={href}>
      {name}
    </Link>
  );
}
