/** What can be done with a whole conversation: another name, sharing, deleting. */

import { useRouter } from "next/router";
import { useLayoutEffect, useRef, useState, type FormEvent } from "react";
import { remove, rename } from "../lib/conversations";
import { explained } from "../lib/errors";
import { placeOf } from "../lib/places";
import type { Line } from "../lib/talk";
import { useTexts } from "../lib/texts";
import { Field } from "./field";
import { Icon } from "./icon";
import { Note } from "./note";
import { give } from "./share";

export function TalkMenu({ id, title, lines }: { id: string; title: string; lines: Line[] }) {
  const { t } = useTexts();
  const sheet = useRef<HTMLDialogElement>(null);
  const [shown, show] = useState(false);
  // In the same frame as its content: nothing can be typed before it is there to be typed in.
  useLayoutEffect(() => {
    if (shown) sheet.current?.showModal();
  }, [shown]);
  return (
    <>
      <button className="icon-button" onClick={() => show(true)} aria-label={t("chat.more")}>
        <Icon of="more" />
      </button>
      <dialog className="sheet" ref={sheet} aria-label={t("chat.more")} onClose={() => show(false)}>
        {shown && <Sheet id={id} title={title} lines={lines} close={() => sheet.current?.close()} />}
      </dialog>
    </>
  );
}

interface SheetProps {
  id: string;
  title: string;
  lines: Line[];
  close: () => void;
}

function Sheet({ id, title, lines, close }: SheetProps) {
  const texts = useTexts();
  const { t } = texts;
  const router = useRouter();
  const [trouble, say] = useState("");
  const [certain, ask] = useState(false);
  const attempt = async (act: Promise<void>, then: () => void) => {
    try {
      await act;
      then();
    } catch (error) {
      say(explained(texts, error));
    }
  };
  const renamed = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("title")).trim();
    void attempt(rename(id, name), close);
  };
  const removed = () => {
    void attempt(remove(id), () => {
      close();
      void router.push(placeOf("chat"));
    });
  };
  return (
    <div className="stack">
      <form className="stack close" onSubmit={renamed}>
        <Field label={t("chat.name")} name="title" defaultValue={title} maxLength={100} required />
        <button className="button wide">{t("shell.save")}</button>
      </form>
      {trouble && <Note tone="bad">{trouble}</Note>}
      <button className="button plain wide" onClick={() => void give(written(lines)).then(close)}>
        <Icon of="share" small /> {t("chat.share_all")}
      </button>
      {certain ? (
        <>
          <p>{t("chat.delete.sure")}</p>
          <button className="button danger wide" onClick={removed}>
            {t("chat.delete.yes")}
          </button>
        </>
      ) : (
        <button className="button danger wide" onClick={() => ask(true)}>
          <Icon of="trash" small /> {t("chat.delete")}
        </button>
      )}
      <button className="button quiet wide" onClick={close}>
        {t("shell.cancel")}
      </button>
    </div>
  );
}

/** The conversation as plain text. */
function written(lines: Line[]): string {
  return lines
    .map(({ turn, answer }) => {
      const question = turn?.question ?? answer?.ask?.text ?? "";
      return `${question}\n\n${answer?.text ?? turn?.text ?? ""}`;
    })
    .join("\n\n———\n\n");
}
