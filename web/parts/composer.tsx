/** Where questions are written. */

import { useEffect, useRef, type KeyboardEvent } from "react";
import { WALLET } from "../lib/places";
import { connection, useClient } from "../lib/session";
import type { Line } from "../lib/talk";
import { useTexts } from "../lib/texts";
import { over } from "../lib/zimgpt/index.js";
import { Icon } from "./icon";
import { Link } from "./link";
import { Note } from "./note";

/** Bytes that a question may have (docs/reference/protocol.md). */
const LONGEST = 32_768;
/** Tokens that even a short answer takes. */
const LEAST = 50;

interface ComposerProps {
  draft: string;
  onDraft: (text: string) => void;
  onAsk: (text: string) => void;
  lines: Line[];
  /** An earlier question is being asked anew; `last`: nothing came after it. */
  anew: { last: boolean; cancel: () => void } | undefined;
}

export function Composer({ draft, onDraft, onAsk, lines, anew }: ComposerProps) {
  const { t } = useTexts();
  const wallet = useClient()?.wallet;
  const field = useRef<HTMLTextAreaElement>(null);
  const running = lines.findLast(({ answer }) => answer && !over(answer))?.answer;
  const stopping = running !== undefined && !draft.trim();
  useGrowth(field, draft);
  const send = () => {
    if (draft.trim() && draft.length <= LONGEST) onAsk(draft.trim());
    field.current?.focus();
  };
  const typed = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    if (matchMedia("(pointer: coarse)").matches) return; // a new line, as phones do
    event.preventDefault();
    send();
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        if (stopping) connection().stop(running.key);
        else send();
      }}
    >
      {wallet !== undefined && wallet.available < LEAST && running === undefined && (
        <Note tone="warn">
          {t("chat.no_tokens")} <Link href={WALLET}>{t("chat.to_wallet")}</Link>
        </Note>
      )}
      {anew && (
        <div className="anew" role="status">
          <p>{t(anew.last ? "chat.anew" : "chat.anew.from_here")}</p>
          <button type="button" className="icon-button" onClick={anew.cancel} aria-label={t("shell.cancel")}>
            <Icon of="close" small />
          </button>
        </div>
      )}
      <div className="composer-box">
        <textarea
          ref={field}
          rows={1}
          value={draft}
          onChange={(event) => onDraft(event.target.value)}
          onKeyDown={typed}
          aria-label={t("chat.question")}
          placeholder={t("chat.question")}
          maxLength={LONGEST}
          enterKeyHint="enter"
        />
        <button
          className={stopping ? "send stop" : "send"}
          aria-label={t(stopping ? "chat.stop" : "chat.send")}
          aria-disabled={stopping ? running.stopped : !draft.trim()}
        >
          <Icon of={stopping ? "stop" : "send"} />
        </button>
      </div>
      <p className="composer-foot soft">{t("chat.careful")}</p>
    </form>
  );
}

/** As high as its text, up to what the style allows; comes into focus when filled. */
function useGrowth(field: { current: HTMLTextAreaElement | null }, draft: string): void {
  const before = useRef(draft);
  useEffect(() => {
    const area = field.current;
    if (area === null) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
    const filled = draft !== "" && Math.abs(draft.length - before.current.length) > 1;
    if (filled && document.activeElement !== area) area.focus();
    before.current = draft;
  }, [field, draft]);
}
