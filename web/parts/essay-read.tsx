/** An essay to read, to copy, to share, to print and to keep. */

import { useTexts, type Key } from "../lib/texts";
import type { Brief } from "../lib/zimgpt/index.js";
import { Copy } from "./copy";
import { Downloads } from "./downloads";
import { LEVELS } from "./essay-order";
import { Icon } from "./icon";
import { Markdown } from "./markdown";
import { Note } from "./note";
import { Share } from "./share";

/** Kinds of file, as the server and as people call them. */
const FILES = { docx: "Word", pdf: "PDF", md: "Markdown", txt: "TXT" };

const ENDS: Record<string, Key> = {
  filtered: "chat.end.filtered",
  stopped: "chat.end.stopped",
  length: "essay.cut",
  cut: "essay.cut",
};

interface ReadProps {
  topic: string;
  answer: string;
  text: string;
  brief: Brief | undefined;
  words: number | undefined;
  cost: number | undefined;
  finish: string | undefined;
  onChange?: (() => void) | undefined;
}

export function EssayRead({ topic, answer, text, brief, words, cost, finish, onChange }: ReadProps) {
  const { t, language } = useTexts();
  const why = ENDS[finish ?? ""];
  return (
    <>
      {why && <Note tone="warn">{t(why)}</Note>}
      {brief?.style && brief.style !== "none" && <Note tone="warn">{t("essay.sources")}</Note>}
      <article className="paper" lang={brief?.language}>
        <h2 className="paper-title">{topic}</h2>
        <h3 className="unseen">{t("menu.essay")}</h3>
        <Markdown text={text} />
      </article>
      <section className="card tools essay-tools">
        <p className="soft small-text figure" data-cost={cost}>
          {[
            brief && t(LEVELS[brief.level]),
            words !== undefined && t("essay.count", { words }),
            cost !== undefined && t("chat.cost", { tokens: cost }),
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
        <div className="row">
          <Copy text={text} />
          <Share text={text} />
          <button className="icon-button" onClick={() => print()} aria-label={t("essay.print")}>
            <Icon of="print" small />
          </button>
        </div>
        <h2>{t("essay.keep")}</h2>
        <Downloads
          files={Object.entries(FILES).map(([format, name]) => [
            `answers/${answer}/export?format=${format}&language=${language}`,
            name,
          ])}
        />
        {onChange && (
          <button className="button quiet" onClick={onChange}>
            <Icon of="edit" small /> {t("essay.outline.change")}
          </button>
        )}
      </section>
    </>
  );
}
