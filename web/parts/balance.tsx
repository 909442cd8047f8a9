import { usePrices } from "../lib/prices";
import { useClient } from "../lib/session";
import { count, useTexts } from "../lib/texts";
import { Note } from "./note";

/** What is left, in tokens and in what they are good for. */
export function Balance() {
  const { t } = useTexts();
  const wallet = useClient()?.wallet;
  const guide = usePrices();
  if (wallet === undefined) return <Bones />;
  const { available, held } = wallet;
  const questions = guide && Math.floor(available / guide.question);
  const essays = guide && Math.floor(available / guide.essay);
  return (
    <section className="card balance">
      <h2>{t("wallet.balance")}</h2>
      <p className="sum figure">
        <strong>{count(available)}</strong> {t("statement.tokens")}
      </p>
      {questions !== undefined && essays !== undefined && questions > 0 && (
        <p className="soft">{t("wallet.enough", { questions, essays })}</p>
      )}
      {held > 0 && <p className="soft small-text">{t("wallet.held", { tokens: held })}</p>}
      {questions === 0 && <Note tone="warn">{t("wallet.empty")}</Note>}
    </section>
  );
}

function Bones() {
  return (
    <section className="card" aria-hidden="true">
      <span className="bone w60" />
      <span className="bone w80" />
    </section>
  );
}
