/** What an essay costs, beside what there is to pay it with. */

import { explained } from "../lib/errors";
import type { Priced } from "../lib/essay";
import { WALLET } from "../lib/places";
import { useTexts } from "../lib/texts";
import { Link } from "./link";
import { Note } from "./note";

/** The id of the words that say why an essay cannot be ordered. */
export const TOO_DEAR = "too-dear";

interface EssayPriceProps {
  priced: Priced;
  /** Whether there is anything to be priced. */
  ready: boolean;
  onWords?: (words: number) => void;
}

export function EssayPriceView({ priced, ready, onWords }: EssayPriceProps) {
  const texts = useTexts();
  const { t } = texts;
  const { essay, error } = priced;
  if (!ready) return <p className="soft">{t("essay.price.later")}</p>;
  if (error !== undefined) return <Note tone="warn">{explained(texts, error)}</Note>;
  if (essay === undefined) {
    return (
      <div className="stack close" aria-busy="true">
        <span className="bone w60" aria-hidden="true" />
        <span className="bone w80" aria-hidden="true" />
      </div>
    );
  }
  const shorter = Math.floor(essay.covered / 50) * 50;
  return (
    <div className="stack" role="status" data-most={essay.most}>
      <dl className="facts">
        <div>
          <dt>{t("essay.price.usual")}</dt>
          <dd className="figure">{t("chat.cost", { tokens: essay.usual })}</dd>
        </div>
        <div>
          <dt>{t("essay.price.most")}</dt>
          <dd className="figure">{t("chat.cost", { tokens: essay.most })}</dd>
        </div>
        <div>
          <dt>{t("wallet.balance")}</dt>
          <dd className="figure">{t("chat.cost", { tokens: essay.balance })}</dd>
        </div>
      </dl>
      {!essay.enough && (
        <div id={TOO_DEAR}>
          <Note tone="warn">
            {t("essay.price.short", { tokens: essay.most - essay.balance })}{" "}
            <Link href={WALLET}>{t("chat.to_wallet")}</Link>
          </Note>
        </div>
      )}
      {!essay.enough && shorter >= 100 && onWords && (
        <button type="button" className="button plain" onClick={() => onWords(shorter)}>
          {t("essay.price.shorter", { words: shorter })}
        </button>
      )}
    </div>
  );
}
