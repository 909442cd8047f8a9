/** An outline to be edited, put in order and accepted; then the essay is ordered. */

import { useState } from "react";
import { sentence } from "../lib/errors";
import { usePrice } from "../lib/essay";
import { useKept } from "../lib/kept";
import { connection, useAnswer } from "../lib/session";
import { useTexts } from "../lib/texts";
import type { Brief, EssayOrder, Section } from "../lib/zimgpt/index.js";
import { EssayPriceView } from "./essay-price";
import { Icon } from "./icon";
import { Note } from "./note";

/** Bounds of an outline (docs/reference/protocol.md). */
const FEWEST = 2;
const MOST = 12;
const HEADING = 120;
const POINTS = 8;
const POINT = 300;

/** A section as it is typed: its points are lines. */
interface Draft {
  id: number;
  heading: string;
  points: string;
  words?: number;
}

function drafted(sections: Section[]): Draft[] {
  return sections.map(({ heading, points = [], words }, id) => ({
    id,
    heading,
    points: points.join("\n"),
    ...(words === undefined ? {} : { words }),
  }));
}

function sectionsOf(drafts: Draft[]): Section[] {
  return drafts.map(({ heading, points, words }) => ({
    heading: heading.trim(),
    points: points.split("\n").map((one) => one.trim().slice(0, POINT)).filter(Boolean).slice(0, POINTS),
    ...(words === undefined ? {} : { words }),
  }));
}

interface OutlineProps {
  order: EssayOrder;
  onBack?: (() => void) | undefined;
}

export function Outline({ order, onBack }: OutlineProps) {
  const texts = useTexts();
  const { t } = texts;
  const [drafts, keep, forget] = useKept(`outline:${order.answer}`, drafted(order.outline));
  const [key, ask] = useState("");
  const refused = useAnswer(key);
  const whole = drafts.length >= FEWEST && drafts.every(({ heading }) => heading.trim());
  const { step: _step, ...rest } = order.brief;
  const brief: Brief = { ...rest, outline: sectionsOf(drafts) };
  const priced = usePrice(order.text, whole ? brief : undefined);
  const move = (place: number, by: number) => {
    const next = drafts.toSpliced(place, 1);
    const [one] = drafts.slice(place, place + 1);
    if (one) keep(next.toSpliced(place + by, 0, one));
  };
  const change = (id: number, some: Partial<Draft>) =>
    keep(drafts.map((one) => (one.id === id ? { ...one, ...some } : one)));
  const add = () => {
    const id = Math.max(0, ...drafts.map((one) => one.id)) + 1;
    keep(drafts.toSpliced(-1, 0, { id, heading: "", points: "" }));
  };
  const write = () => {
    if (!priced.essay?.enough) return;
    ask(connection().ask({ kind: "essay", text: order.text, conversation: order.conversation, brief }));
    forget();
  };
  return (
    <>
      <section className="stack close">
        <h2>{t("essay.outline")}</h2>
        <p className="soft">{order.text}</p>
        <p className="soft small-text">{t("essay.outline.hint")}</p>
      </section>
      <ol className="outline">
        {drafts.map((one, place) => (
          <li key={one.id} className="card outline-section">
            <input
              className="input heading"
              aria-label={t("essay.outline.heading", { number: place + 1 })}
              value={one.heading}
              maxLength={HEADING}
              aria-invalid={!one.heading.trim()}
              onChange={(event) => change(one.id, { heading: event.target.value })}
            />
            <textarea
              className="input area"
              rows={Math.max(2, one.points.split("\n").length)}
              aria-label={t("essay.outline.points", { number: place + 1 })}
              value={one.points}
              maxLength={POINTS * POINT}
              onChange={(event) => change(one.id, { points: event.target.value })}
            />
            <div className="row outline-tools">
              <button className="icon-button" aria-label={t("essay.outline.up", { number: place + 1 })} aria-disabled={place === 0} onClick={() => place > 0 && move(place, -1)}>
                <Icon of="up" small />
              </button>
              <button
                className="icon-button"
                aria-label={t("essay.outline.down", { number: place + 1 })}
                aria-disabled={place === drafts.length - 1}
                onClick={() => place < drafts.length - 1 && move(place, 1)}
              >
                <Icon of="down" small />
              </button>
              <button
                className="icon-button"
                aria-label={t("essay.outline.remove", { number: place + 1 })}
                aria-disabled={drafts.length <= FEWEST}
                onClick={() => drafts.length > FEWEST && keep(drafts.filter(({ id }) => id !== one.id))}
              >
                <Icon of="trash" small />
              </button>
            </div>
          </li>
        ))}
      </ol>
      {drafts.length < MOST && (
        <button className="button quiet" onClick={add}>
          <Icon of="plus" small /> {t("essay.outline.add")}
        </button>
      )}
      <section className="card">
        <h2>{t("essay.price")}</h2>
        <EssayPriceView priced={priced} ready={whole} />
        {refused?.state === "refused" && <Note tone="bad">{sentence(texts, refused.code, refused.note)}</Note>}
        <button className="button wide" aria-disabled={!priced.essay?.enough} onClick={write}>
          {t("essay.write")}
        </button>
        {onBack && (
          <button className="button quiet wide" onClick={onBack}>
            {t("shell.cancel")}
          </button>
        )}
      </section>
    </>
  );
}
