/** What a turn has taken the place of: it was paid for, and can be read when wanted. */

import { useState } from "react";
import { explained } from "../lib/errors";
import { api } from "../lib/session";
import { useTalk } from "../lib/talk";
import { useTexts } from "../lib/texts";
import type { Turn } from "../lib/zimgpt/index.js";
import { Icon } from "./icon";
import { Markdown } from "./markdown";
import { Note } from "./note";

/** Turns that are asked for at once; who asks anew from far above has more. */
const MOST = 100;

export function Earlier({ by }: { by: string }) {
  const texts = useTexts();
  const { t } = texts;
  const { id } = useTalk();
  const [open, show] = useState(false);
  const [turns, take] = useState<readonly Turn[]>();
  const [trouble, say] = useState("");
  const toggle = () => {
    show(!open);
    if (open || turns !== undefined || id === undefined) return;
    say("");
    api.turns(id, { replaced_by: by, limit: MOST }).then(
      (found) => take(found.turns),
      (error: unknown) => say(explained(texts, error)),
    );
  };
  return (
    <div className="earlier">
      <button className="button quiet" aria-expanded={open} onClick={toggle}>
        <Icon of="before" small /> {t(open ? "chat.earlier.hide" : "chat.earlier.show")}
      </button>
      {open && trouble && <Note tone="bad">{trouble}</Note>}
      {open && !trouble && turns === undefined && <span className="bone w60" aria-hidden="true" />}
      {open && turns?.map((turn) => <Was key={turn.answer} turn={turn} />)}
    </div>
  );
}

function Was({ turn }: { turn: Turn }) {
  const { t } = useTexts();
  return (
    <article className="turn was">
      <h3 className="unseen">{t("chat.you")}</h3>
      <p className="was-question">{turn.question}</p>
      <h4 className="unseen">{t("chat.answer")}</h4>
      {turn.text && <Markdown text={turn.text} />}
      {turn.cost > 0 && <p className="soft small-text figure">{t("chat.cost", { tokens: turn.cost })}</p>}
      {turn.replaces !== undefined && turn.text && <Earlier by={turn.answer} />}
    </article>
  );
}
