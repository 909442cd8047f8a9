import { WALLET } from "../lib/places";
import { useClient } from "../lib/session";
import { count, useTexts } from "../lib/texts";
import { Icon } from "./icon";
import { Link } from "./link";

/** Tokens below which the purse changes its colour: hardly a question more. */
const LOW = 1_000;

/** What is left to spend, leading to the wallet. */
export function Purse() {
  const { t } = useTexts();
  const wallet = useClient()?.wallet;
  if (wallet === undefined) return null;
  const { available } = wallet;
  return (
    <Link
      className={available < LOW ? "purse low" : "purse"}
      href={WALLET}
      aria-label={t("purse.label", { tokens: available })}
    >
      <Icon of="wallet" small /> <span data-balance={available}>{count(available)}</span>
    </Link>
  );
}
