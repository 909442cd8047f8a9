import { useRouter } from "next/router";
import { useState } from "react";
import { explained } from "../lib/errors";
import { open, usePayment } from "../lib/payment";
import { WALLET } from "../lib/places";
import { api, useSession } from "../lib/session";
import { useTexts } from "../lib/texts";
import { ApiError, type Payment } from "../lib/zimgpt/index.js";
import { Link } from "../parts/link";
import { Next } from "../parts/next-step";
import { Note } from "../parts/note";
import { PromptView } from "../parts/prompt";
import { Receipt } from "../parts/receipt";
import { Shell } from "../parts/shell";
import { Stand } from "../parts/stand";

/** One payment, live: what is to be done, what came of it, and its receipt. */
export default function Pay() {
  const texts = useTexts();
  const { t } = texts;
  const { status } = useSession();
  const { isReady, query } = useRouter();
  const id = typeof query.payment === "string" ? query.payment : undefined;
  const { payment, error, heard } = usePayment(status === "in" ? id : undefined);
  const away = error instanceof ApiError && error.status === 0;
  const unknown = id === undefined || (error instanceof ApiError && error.status === 404);
  const none = (isReady && id === undefined) || (error !== undefined && !away && !payment);
  return (
    <Shell title={t("pay.title")}>
      <div className="page stack pay">
        {payment ? (
          <>
            <Stand payment={payment} />
            {payment.state === "waiting" && payment.prompt && (
              <PromptView payment={payment} prompt={payment.prompt} onTold={heard} />
            )}
            {open(payment) && <Paid payment={payment} onTold={heard} />}
            {error !== undefined && <Note tone="warn">{t("pay.away")}</Note>}
            <Next payment={payment} />
            <Receipt payment={payment} />
          </>
        ) : none ? (
          <div className="empty">
            <p>{unknown ? t("error.not_found") : explained(texts, error)}</p>
            <Link className="button plain" href={WALLET}>
              {t("pay.wallet")}
            </Link>
          </div>
        ) : (
          <>
            <div className="card" aria-hidden="true">
              <span className="bone w60" />
              <span className="bone" />
              <span className="bone w80" />
            </div>
            {away && <Note tone="warn">{t("pay.away")}</Note>}
          </>
        )}
      </div>
    </Shell>
  );
}

/** "I have paid": the gateway is asked at once, and what it said is said. */
function Paid({ payment, onTold }: { payment: Payment; onTold: (one: Payment) => void }) {
  const texts = useTexts();
  const { t } = texts;
  const [said, say] = useState("");
  const [busy, work] = useState(false);
  if (payment.state === "waiting" && payment.prompt === undefined) return null;
  const look = () => {
    if (busy) return;
    work(true);
    say("");
    api
      .checkPayment(payment.id)
      .then(
        (one) => {
          onTold(one);
          say(t("pay.not_yet"));
        },
        (error: unknown) => say(explained(texts, error)),
      )
      .finally(() => work(false));
  };
  return (
    <div className="stack close">
      <button className="button plain wide" onClick={look} aria-disabled={busy}>
        {t(busy ? "shell.wait" : "pay.paid")}
      </button>
      {said && <Note>{said}</Note>}
    </div>
  );
}
