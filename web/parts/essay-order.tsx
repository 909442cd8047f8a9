/** What an essay is to be like, what it costs, and the two ways of beginning it. */

import { useRouter } from "next/router";
import { useEffect, useId, useState, type ReactNode } from "react";
import { sentence } from "../lib/errors";
import { usePrice } from "../lib/essay";
import { useKept } from "../lib/kept";
import { placeOf } from "../lib/places";
import { usePreferences } from "../lib/preferences";
import { connection, useAnswer, useClient } from "../lib/session";
import { LANGUAGES, useTexts, type Key, type Language } from "../lib/texts";
import type { Brief, Level } from "../lib/zimgpt/index.js";
import { EssayPriceView, TOO_DEAR } from "./essay-price";
import { Field } from "./field";
import { Note } from "./note";

export const LEVELS = {
  zimsec_o: "essay.level.zimsec_o",
  zimsec_a: "essay.level.zimsec_a",
  cambridge_o: "essay.level.cambridge_o",
  cambridge_a: "essay.level.cambridge_a",
  university: "essay.level.university",
  general: "essay.level.general",
} satisfies Record<Level, Key>;

type Style = NonNullable<Brief["style"]>;

/** Names of styles are the same in every language. */
const STYLES: Record<Style, string> = { none: "", harvard: "Harvard", apa: "APA", mla: "MLA" };
const LENGTHS = [300, 600, 1_000, 1_500, 2_500];
const SHORTEST = 100;
const LONGEST = 5_000;
/** Characters and lines (docs/reference/protocol.md). */
const TOPIC = 4_000;
const POINT = 300;
const POINTS = 20;

interface Draft {
  topic: string;
  level: Level;
  words: string;
  style: Style;
  /** Until one is chosen here, that of all answers. */
  language?: Language;
  points: string;
}

const EMPTY: Draft = { topic: "", level: "zimsec_o", words: "600", style: "none", points: "" };

function briefOf(draft: Draft, language: Language): Brief | undefined {
  const words = Number(draft.words);
  if (!Number.isInteger(words) || words < SHORTEST || words > LONGEST) return undefined;
  const points = draft.points.split("\n").map((one) => one.trim().slice(0, POINT)).filter(Boolean).slice(0, POINTS);
  const { level, style } = draft;
  return { level, words, style, language, ...(points.length ? { points } : {}) };
}

export function EssayOrderForm() {
  const texts = useTexts();
  const { t } = texts;
  const [draft, keep, forget] = useKept<Draft>("essay", EMPTY);
  const change = (some: Partial<Draft>) => keep({ ...draft, ...some });
  const [key, ask] = useState("");
  const one = useAnswer(usePending() ?? key);
  const preferred = usePreferences()?.answer_language;
  const language = draft.language ?? preferred ?? "en";
  const brief = briefOf(draft, language);
  const priced = usePrice(draft.topic, brief);
  // An outline of what cannot be paid for would be money for nothing.
  const payable = priced.essay?.enough === true && priced.outline?.enough === true;
  const useless = { "aria-disabled": !payable, "aria-describedby": payable ? undefined : TOO_DEAR };
  useBirth(one?.conversation, forget);
  const begin = (step: "essay" | "outline") => {
    if (brief === undefined || !draft.topic.trim()) return;
    ask(connection().ask({ kind: "essay", text: draft.topic.trim(), brief: { ...brief, step } }));
  };
  if (one && one.state !== "refused") return <Sending />;
  return (
    <form className="stack" onSubmit={(event) => event.preventDefault()}>
      <section className="card">
        <h2>{t("essay.order")}</h2>
        <Area
          label={t("essay.topic")}
          hint={t("essay.topic.hint")}
          rows={3}
          maxLength={TOPIC}
          value={draft.topic}
          onText={(topic) => change({ topic })}
        />
        <Choice label={t("essay.level")} value={draft.level} onPick={(level) => change({ level: level as Level })}>
          {Object.entries(LEVELS).map(([level, name]) => (
            <option key={level} value={level}>
              {t(name)}
            </option>
          ))}
        </Choice>
        <Length words={draft.words} wrong={brief === undefined} onPick={(words) => change({ words })} />
        <fieldset className="choices">
          <legend className="label">{t("welcome.language")}</legend>
          {(Object.keys(LANGUAGES) as Language[]).map((one) => (
            <label key={one} className="choice">
              <input
                type="radio"
                name="essay-language"
                value={one}
                checked={one === language}
                onChange={() => change({ language: one })}
              />
              <span lang={one}>{LANGUAGES[one]}</span>
            </label>
          ))}
        </fieldset>
        <Choice label={t("essay.style")} value={draft.style} onPick={(style) => change({ style: style as Style })}>
          {(Object.keys(STYLES) as Style[]).map((style) => (
            <option key={style} value={style}>
              {STYLES[style] || t("essay.style.none")}
            </option>
          ))}
        </Choice>
        <Area
          label={t("essay.points")}
          hint={t("essay.points.hint")}
          rows={3}
          maxLength={POINT * POINTS}
          value={draft.points}
          onText={(points) => change({ points })}
        />
      </section>
      <section className="card">
        <h2>{t("essay.price")}</h2>
        <EssayPriceView priced={priced} ready={brief !== undefined && draft.topic.trim() !== ""} onWords={(words) => change({ words: String(words) })} />
        {one?.state === "refused" && <Note tone="bad">{sentence(texts, one.code, one.note)}</Note>}
        {priced.essay && (
          <>
            <button className="button wide" {...useless} onClick={() => payable && begin("outline")}>
              {t("essay.outline.make", { tokens: priced.outline?.usual ?? 0 })}
            </button>
            <button className="button plain wide" {...useless} onClick={() => payable && begin("essay")}>
              {t("essay.at_once")}
            </button>
          </>
        )}
      </section>
    </form>
  );
}

/** An essay that was asked for here and of which the server has not been heard yet. */
function usePending(): string | undefined {
  const client = useClient();
  const all = [...(client?.answers.values() ?? [])];
  return all.findLast((one) => one.ask?.kind === "essay" && one.state === "waiting" && !one.conversation)?.key;
}

/** Once it is ordered its own address is where it is written and read. */
function useBirth(conversation: string | undefined, forget: () => void): void {
  const router = useRouter();
  useEffect(() => {
    if (conversation === undefined) return;
    forget();
    void router.replace(placeOf("essay", conversation));
    // The draft's end is told once.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [conversation]);
}

function Sending() {
  const { t } = useTexts();
  const away = useClient()?.link !== "open";
  return (
    <section className="card">
      <p className="progress" role="status">
        <span className="dots" aria-hidden="true" />
        {t(away ? "chat.unsent" : "chat.sending")}
      </p>
    </section>
  );
}

interface AreaProps {
  label: string;
  hint: string;
  rows: number;
  maxLength: number;
  value: string;
  onText: (text: string) => void;
}

function Area({ label, hint, value, onText, ...area }: AreaProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        className="input area"
        id={id}
        aria-describedby={`${id}-hint`}
        value={value}
        onChange={(event) => onText(event.target.value)}
        {...area}
      />
      <p className="hint" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  onPick: (value: string) => void;
  children: ReactNode;
}

function Choice({ label, value, onPick, children }: ChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select className="input" id={id} value={value} onChange={(event) => onPick(event.target.value)}>
        {children}
      </select>
    </div>
  );
}

interface LengthProps {
  words: string;
  wrong: boolean;
  onPick: (words: string) => void;
}

function Length({ words, wrong, onPick }: LengthProps) {
  const { t } = useTexts();
  return (
    <div className="stack close">
      <Field
        label={t("essay.words")}
        hint={t("essay.words.hint", { least: SHORTEST, most: LONGEST })}
        name="words"
        inputMode="numeric"
        value={words}
        aria-invalid={wrong}
        maxLength={5}
        onChange={(event) => onPick(event.target.value.replace(/\D/g, ""))}
      />
      <div className="choices">
        {LENGTHS.map((one) => (
          <button key={one} type="button" className="button plain pill figure" aria-pressed={words === String(one)} onClick={() => onPick(String(one))}>
            {one}
          </button>
        ))}
      </div>
    </div>
  );
}
