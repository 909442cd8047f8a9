/** The choice of the language in which answers are written. */

import { useState } from "react";
import { explained } from "../lib/errors";
import { answerIn, usePreferences } from "../lib/preferences";
import { useSession } from "../lib/session";
import { LANGUAGES, useTexts, type Language } from "../lib/texts";
import { Note } from "./note";

export function AnswerLanguage() {
  const texts = useTexts();
  const { t } = texts;
  const { person } = useSession();
  const now = usePreferences();
  const [trouble, say] = useState("");
  const choose = (language: Language | null) => {
    say("");
    if (person) answerIn(person.session, language).catch((error: unknown) => say(explained(texts, error)));
  };
  const one = (language: Language | null, called: string) => (
    <label key={called} className="choice" lang={language ?? undefined}>
      <input
        type="radio"
        name="answer-language"
        value={language ?? ""}
        checked={now !== undefined && now.answer_language === language}
        disabled={now === undefined}
        onChange={() => choose(language)}
      />
      <span>{called}</span>
    </label>
  );
  return (
    <fieldset className="stack close">
      <legend className="label">{t("account.answers")}</legend>
      <div className="choices">
        {one(null, t("account.answers.asked"))}
        {Object.entries(LANGUAGES).map(([code, called]) => one(code as Language, called))}
      </div>
      <p className="soft small-text">{t("account.answers.hint")}</p>
      {trouble && <Note tone="bad">{trouble}</Note>}
    </fieldset>
  );
}
