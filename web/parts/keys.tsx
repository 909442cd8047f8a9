/** Keys with which a person's programs ask: made, changed and revoked. */

import { useCallback, useEffect, useState } from "react";
import { explained } from "../lib/errors";
import { api } from "../lib/session";
import { useTexts } from "../lib/texts";
import { moment } from "../lib/time";
import type { ApiKey, KeyWish } from "../lib/zimgpt/index.js";
import { Code } from "./code";
import { KeyForm } from "./key-form";
import { Note } from "./note";

export function Keys() {
  const texts = useTexts();
  const { t } = texts;
  const [lines, list] = useState<ApiKey[]>();
  const [error, fail] = useState<unknown>();
  const [making, make] = useState(false);
  const [told, tell] = useState<{ name: string; secret: string }>();
  const load = useCallback(() => {
    fail(undefined);
    api.keys().then(({ keys }) => list(keys), fail);
  }, []);
  useEffect(load, [load]);
  const send = async (wish: KeyWish) => {
    const made = await api.makeKey(wish);
    list((before) => [...(before ?? []), made.key]);
    tell({ name: made.key.name, secret: made.secret });
    make(false);
  };
  const become = (id: string, next?: ApiKey) =>
    list((before) => before?.flatMap((one) => (one.id === id ? (next ?? []) : one)));
  return (
    <section className="card" id="keys" aria-busy={lines === undefined && error === undefined}>
      <h2>{t("account.keys")}</h2>
      <p className="soft">{t("account.keys.body")}</p>
      <dl className="facts">
        <div>
          <dt>{t("account.keys.address")}</dt>
          <dd>{`${location.origin}/v1`}</dd>
        </div>
        <div>
          <dt>{t("account.keys.model")}</dt>
          <dd>zimgpt</dd>
        </div>
      </dl>
      {told && <Secret {...told} onKept={() => tell(undefined)} />}
      {error !== undefined && (
        <>
          <Note tone="bad">{explained(texts, error)}</Note>
          <button className="button plain" onClick={load}>
            {t("shell.again")}
          </button>
        </>
      )}
      {lines === undefined && error === undefined && <span className="bone" />}
      {lines && lines.length > 0 && (
        <ul className="lines">
          {lines.map((one) => (
            <Line key={one.id} of={one} onChange={(next) => become(one.id, next)} />
          ))}
        </ul>
      )}
      {lines && making && <KeyForm label={t("account.keys.new")} onSend={send} onCancel={() => make(false)} />}
      {lines && !making && (
        <button className="button plain" onClick={() => make(true)}>
          {t("account.keys.new")}
        </button>
      )}
    </section>
  );
}

/** What nobody can be shown again. */
function Secret({ name, secret, onKept }: { name: string; secret: string; onKept: () => void }) {
  const { t } = useTexts();
  return (
    <div className="stack close">
      <Note tone="good">{t("account.keys.secret")}</Note>
      <Code text={secret} language={name} />
      <button className="button plain" onClick={onKept}>
        {t("account.keys.kept")}
      </button>
    </div>
  );
}

interface LineProps {
  of: ApiKey;
  /** It is another now; undefined: it is no more. */
  onChange: (next?: ApiKey) => void;
}

function Line({ of: key, onChange }: LineProps) {
  const { t } = useTexts();
  const [doing, begin] = useState<"change" | "revoke">();
  const { taken, budget, per_minute: rate, used_at: used } = key;
  const change = async (wish: KeyWish) => {
    onChange(await api.changeKey(key.id, wish));
    begin(undefined);
  };
  return (
    <li className="stack close">
      <div>
        <span className="label">{key.name}</span> <span className="soft figure">…{key.hint}</span>
        <p className="soft small-text">
          {budget === null ? t("account.keys.taken", { taken }) : t("account.keys.taken.of", { taken, budget })}
          {" · "}
          {t("account.keys.per_minute", { rate })}
          {" · "}
          {used === null ? t("account.keys.unused") : t("account.keys.used", { time: moment(used) })}
        </p>
      </div>
      {doing === undefined && (
        <div className="row">
          <button className="button plain" onClick={() => begin("change")} aria-label={`${t("account.keys.change")}: ${key.name}`}>
            {t("account.keys.change")}
          </button>
          <button className="button plain" onClick={() => begin("revoke")} aria-label={`${t("account.keys.revoke")}: ${key.name}`}>
            {t("account.keys.revoke")}
          </button>
        </div>
      )}
      {doing === "change" && (
        <KeyForm before={key} label={t("shell.save")} onSend={change} onCancel={() => begin(undefined)} />
      )}
      {doing === "revoke" && <Revoking id={key.id} onDone={() => onChange()} onCancel={() => begin(undefined)} />}
    </li>
  );
}

/** Asks first: programs stop at once. */
function Revoking({ id, onDone, onCancel }: { id: string; onDone: () => void; onCancel: () => void }) {
  const texts = useTexts();
  const { t } = texts;
  const [trouble, say] = useState("");
  const revoke = () => void api.revokeKey(id).then(onDone, (error: unknown) => say(explained(texts, error)));
  return (
    <>
      <Note tone="warn">{t("account.keys.revoke.sure")}</Note>
      {trouble && <Note tone="bad">{trouble}</Note>}
      <div className="row">
        <button className="button danger" onClick={revoke}>
          {t("account.keys.revoke.yes")}
        </button>
        <button className="button quiet" onClick={onCancel}>
          {t("shell.cancel")}
        </button>
      </div>
    </>
  );
}
