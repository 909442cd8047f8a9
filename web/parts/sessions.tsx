/** Where a person is signed in, and an end to each of it. */

import { useCallback, useEffect, useState } from "react";
import { explained } from "../lib/errors";
import { named } from "../lib/naming";
import { api, leave } from "../lib/session";
import { useTexts, type Language } from "../lib/texts";
import type { SessionLine } from "../lib/zimgpt/index.js";
import { Note } from "./note";

export function Sessions() {
  const texts = useTexts();
  const { t } = texts;
  const [lines, list] = useState<SessionLine[]>();
  const [trouble, say] = useState("");
  const failed = useCallback((error: unknown) => say(explained(texts, error)), [texts]);
  useEffect(() => {
    api.sessions().then(({ sessions }) => list(sessions), failed);
    // Once: a change of language asks for nothing.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  const end = (id: string) => {
    const without = () => list((before) => before?.filter((one) => one.id !== id));
    api.revoke(id).then(without, failed);
  };
  return (
    <section className="card" aria-busy={lines === undefined}>
      <h2>{t("account.sessions")}</h2>
      {trouble && <Note tone="bad">{trouble}</Note>}
      {lines === undefined && !trouble && <span className="bone" />}
      <ul className="lines">
        {lines?.map((one) => (
          <li key={one.id} className="row apart">
            <span>
              {named(one.client)}
              <br />
              <span className="soft small-text">
                {one.current
                  ? t("account.sessions.here")
                  : t("account.sessions.seen", { time: when(one.seen_at, texts.language) })}
              </span>
            </span>
            {!one.current && (
              <button className="button plain" onClick={() => end(one.id)}>
                {t("account.sessions.end")}
              </button>
            )}
          </li>
        ))}
      </ul>
      <button className="button plain" onClick={() => void api.signOutEverywhere().then(leave, failed)}>
        {t("account.sessions.all")}
      </button>
    </section>
  );
}

/** A moment as it is read here; browsers know neither language well, so: numbers. */
function when(moment: string, language: Language): string {
  const style = { dateStyle: "medium", timeStyle: "short" } as const;
  return new Date(moment).toLocaleString(language === "en" ? "en-ZW" : `${language}-ZW`, style);
}
