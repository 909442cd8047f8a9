/** A question and its answer. */

import { memo } from "react";
import { sentence } from "../lib/errors";
import { size } from "../lib/meter";
import { WALLET } from "../lib/places";
import { useAnswer, useClient } from "../lib/session";
import { beingWritten, type Kept as KeptTurn, type Line } from "../lib/talk";
import { useTexts, type Key } from "../lib/texts";
import { over, type Answer } from "../lib/zimgpt/index.js";
import { Copy } from "./copy";
import { Earlier } from "./earlier";
import { Icon } from "./icon";
import { Link } from "./link";
import { Markdown } from "./markdown";
import { Note } from "./note";
import { Share } from "./share";

interface TurnProps {
  line: Line;
  /** Something in this chat is being written: nothing can be asked anew yet. */
  busy: boolean;
  onAgain: (line: Line) => void;
  onEdit: (line: Line) => void;
}

/** Drawn anew when its own answer changes, not with every frame of another. */
export const TurnView = memo(
  ({ line, busy, onAgain, onEdit }: TurnProps) => {
    const { t } = useTexts();
    const live = useAnswer(line.key);
    const question = line.turn?.question ?? live?.ask?.text ?? "";
    const again = busy ? undefined : () => onAgain(line);
    return (
      <article className="turn">
        <div className="question">
          <h2 className="unseen">{t("chat.you")}</h2>
          <p>{question}</p>
        </div>
        <div className="question-tools">
          {!busy && (
            <button className="icon-button" onClick={() => onEdit(line)} aria-label={t("chat.edit")}>
              <Icon of="edit" small />
            </button>
          )}
          <Copy text={question} />
        </div>
        <h3 className="unseen">{t("chat.answer")}</h3>
        {live ? (
          <Live one={live} replaces={line.turn?.replaces} onAgain={again} />
        ) : (
          line.turn && <Kept turn={line.turn} onAgain={again} />
        )}
      </article>
    );
  },
  (before, now) =>
    before.line.key === now.line.key && before.line.turn === now.line.turn && before.busy === now.busy,
);
TurnView.displayName = "TurnView";

type Again = (() => void) | undefined;

/** What the server keeps of an answer that has ended. */
function Kept({ turn, onAgain }: { turn: KeptTurn; onAgain: Again }) {
  const { t } = useTexts();
  const failed = turn.state === "failed";
  if (turn.unread || beingWritten(turn)) {
    return <p className="progress">{t("chat.thinking")}</p>; // about to be read on
  }
  return (
    <>
      {turn.text && <Markdown text={turn.text} />}
      <End finish={turn.finish} note={turn.note} failed={failed} />
      <Foot text={turn.text} cost={turn.cost} onAgain={onAgain} />
      {turn.replaces !== undefined && !failed && turn.text && <Earlier by={turn.answer} />}
    </>
  );
}

interface LiveProps {
  one: Answer;
  /** Of a question of another device: the turn whose place it took. */
  replaces: string | undefined;
  onAgain: Again;
}

/** An answer of this page, from its question's sending to its cost. */
function Live({ one, replaces, onAgain }: LiveProps) {
  const ended = over(one);
  const instead = one.state === "done" && (one.ask?.replaces ?? replaces) !== undefined && one.text;
  return (
    <>
      {one.text && <Markdown text={one.text} />}
      {!ended && <Progress one={one} />}
      {ended && <End finish={one.finish} note={one.note} code={one.code} failed={one.state !== "done"} />}
      {ended && <Foot text={one.text} cost={one.cost} bytes={one.bytes} onAgain={onAgain} />}
      {instead && one.answer && <Earlier by={one.answer} />}
    </>
  );
}

/** What is going on before and while text comes. */
function Progress({ one }: { one: Answer }) {
  const { t } = useTexts();
  const client = useClient();
  const away = client?.link !== "open";
  if (one.state === "waiting") {
    return <p className="progress">{t(one.after ? "chat.queued" : away ? "chat.unsent" : "chat.sending")}</p>;
  }
  const most = one.hold === undefined ? "" : t("chat.most", { tokens: one.hold });
  return (
    <p className="progress">
      <span className="dots" aria-hidden="true" />
      {t(one.stopped ? "chat.stopping" : one.text ? "chat.writing" : "chat.thinking")} {most}
    </p>
  );
}

const ENDS: Record<string, Key> = {
  length: "chat.end.length",
  filtered: "chat.end.filtered",
  stopped: "chat.end.stopped",
  cut: "chat.end.cut",
};

interface EndProps {
  finish?: string | undefined;
  note?: string | undefined;
  code?: string | undefined;
  failed: boolean;
}

/** Why it ended, where that is not simply that all was said. */
function End({ finish, note, code, failed }: EndProps) {
  const texts = useTexts();
  const { t } = texts;
  if (failed) {
    return (
      <Note tone={code === "insufficient_tokens" ? "warn" : "bad"}>
        {sentence(texts, code ?? finish, note)}{" "}
        {code === "insufficient_tokens" && <Link href={WALLET}>{t("chat.to_wallet")}</Link>}
      </Note>
    );
  }
  const key = ENDS[finish ?? ""];
  if (key !== undefined) return <p className="ending soft">{t(key)}</p>;
  return note ? <p className="ending soft">{note}</p> : null;
}

interface FootProps {
  text: string;
  cost: number | undefined;
  bytes?: number;
  onAgain: Again;
}

/** What it cost, in tokens and data, and what can be done with it. */
function Foot({ text, cost, bytes, onAgain }: FootProps) {
  const { t } = useTexts();
  return (
    <div className="foot">
      <span className="soft figure" data-cost={cost}>
        {cost !== undefined && cost > 0 && t("chat.cost", { tokens: cost })}
        {bytes !== undefined && cost !== undefined && cost > 0 && ` · ${size(bytes)}`}
      </span>
      <span className="foot-tools">
        {text && <Copy text={text} />}
        {text && <Share text={text} />}
        {onAgain && (
          <button className="icon-button" onClick={onAgain} aria-label={t("chat.regenerate")}>
            <Icon of="again" small />
          </button>
        )}
      </span>
    </div>
  );
}
