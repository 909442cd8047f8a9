/** A month of the wallet: asked for when it is opened, to keep as a file. */

import { useEffect, useState } from "react";
import { explained } from "../lib/errors";
import { placeOf } from "../lib/places";
import { api } from "../lib/session";
import { count, useTexts, type Key } from "../lib/texts";
import { moment, monthName, months } from "../lib/time";
import type { Movement, Statement as Month } from "../lib/zimgpt/index.js";
import { Downloads } from "./downloads";
import { Link } from "./link";
import { Note } from "./note";

/** Months to choose from, and lines shown before more are wanted. */
const YEAR = 12;
const PAGE = 20;

const KINDS = {
  chat: "statement.chat",
  clawback: "statement.clawback",
  essay: "menu.essay",
  grant: "statement.grant",
  other: "statement.other",
  picture: "statement.picture",
  purchase: "statement.purchase",
  refund: "statement.refund",
  voice: "statement.voice",
  voucher: "statement.voucher",
  welcome: "statement.welcome",
} satisfies Record<Movement["kind"], Key>;

export function Statement() {
  const { t } = useTexts();
  const [shown, show] = useState(false);
  return (
    <section className="card">
      <h2>{t("statement.title")}</h2>
      {shown ? (
        <Chosen />
      ) : (
        <>
          <p className="soft">{t("statement.body")}</p>
          <button className="button plain" onClick={() => show(true)}>
            {t("statement.show")}
          </button>
        </>
      )}
    </section>
  );
}

function Chosen() {
  const texts = useTexts();
  const { t, language } = texts;
  const [month, choose] = useState(() => months(1)[0] ?? "");
  const [found, keep] = useState<{ month?: Month; error?: unknown }>({});
  const [tries, again] = useState(0);
  useEffect(() => {
    let gone = false;
    keep({});
    api.statement(month).then(
      (one) => gone || keep({ month: one }),
      (error: unknown) => gone || keep({ error }),
    );
    return () => void (gone = true);
  }, [month, tries]);
  const file = (format: string) => `statement?month=${month}&format=${format}&language=${language}`;
  return (
    <>
      <div className="field">
        <label htmlFor="month">{t("statement.month")}</label>
        <select className="input" id="month" value={month} onChange={(event) => choose(event.target.value)}>
          {months(YEAR).map((one) => (
            <option key={one} value={one}>
              {monthName(one)}
            </option>
          ))}
        </select>
      </div>
      {found.error !== undefined && (
        <>
          <Note tone="warn">{explained(texts, found.error)}</Note>
          <button className="button plain" onClick={() => again(tries + 1)}>
            {t("shell.again")}
          </button>
        </>
      )}
      {found.month ? (
        <Lines key={month} month={found.month} />
      ) : (
        found.error === undefined && <span className="bone w80" aria-hidden="true" />
      )}
      <Downloads
        files={[
          [file("pdf"), "PDF"],
          [file("csv"), "CSV"],
        ]}
      />
    </>
  );
}

function Lines({ month }: { month: Month }) {
  const { t } = useTexts();
  const [wanted, want] = useState(PAGE);
  const latest = month.movements.toReversed();
  return (
    <>
      <dl className="facts">
        <Sum name="statement.opening" tokens={month.opening} />
        <Sum name="statement.closing" tokens={month.closing} />
      </dl>
      {latest.length === 0 && <p className="soft">{t("statement.none")}</p>}
      <ul className="lines">
        {latest.slice(0, wanted).map((one, place) => (
          <Line key={place} movement={one} />
        ))}
      </ul>
      {latest.length > wanted && (
        <button className="button plain" onClick={() => want(wanted + PAGE)}>
          {t("wallet.more")}
        </button>
      )}
    </>
  );
}

function Sum({ name, tokens }: { name: Key; tokens: number }) {
  const { t } = useTexts();
  return (
    <div>
      <dt>{t(name)}</dt>
      <dd className="figure">{t("chat.cost", { tokens })}</dd>
    </div>
  );
}

function Line({ movement }: { movement: Movement }) {
  const { t } = useTexts();
  const { kind, title, conversation, payment, tokens, at, count: times = 1 } = movement;
  const place = conversation && placeOf(kind === "essay" ? "essay" : "chat", conversation);
  return (
    <li className="movement">
      <span>
        {t(KINDS[kind])}
        {times > 1 && ` × ${count(times)}`}
        {title && (place ? <Link className="block small-text" href={place}>{title}</Link> : <span className="block small-text">{title}</span>)}
        <span className="soft small-text block">
          {moment(at)}
          {payment && "\u00a0· "}
          {payment && <span className="whole">{payment.reference}</span>}
        </span>
      </span>
      <strong className={tokens < 0 ? "figure" : "figure came"}>
        {tokens > 0 && "+"}
        {count(tokens).replace("-", "−")}
      </strong>
    </li>
  );
}
