import { useRouter } from "next/router";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { titleOf, useConversations } from "../../lib/conversations";
import { heard } from "../../lib/heard";
import { connection, useClient, useSession } from "../../lib/session";
import { placeOf } from "../../lib/places";
import { beingWritten, born, lines, open, target, useTalkOf, type Line, type Talk } from "../../lib/talk";
import { useTexts } from "../../lib/texts";
import { over } from "../../lib/zimgpt/index.js";
import { Announcer } from "../../parts/announcer";
import { Composer } from "../../parts/composer";
import { prepare } from "../../parts/markdown";
import { Shell } from "../../parts/shell";
import { TalkMenu } from "../../parts/talk-menu";
import { Turns } from "../../parts/turns";

/** A conversation: what was said, what is being said, and a place to ask. */
export default function Chat() {
  const { t } = useTexts();
  const { status } = useSession();
  const id = useAddress();
  const [own, keep] = useState<ReadonlySet<string>>(new Set());
  const [opened, settle] = useState(false);
  const talk = useTalkOf(id, opened);
  const client = useClient();
  useConversations();
  const [draft, write] = useState("");
  const [anew, edit] = useState<Line>();
  const shown = lines(talk, client?.answers.values() ?? [], own);
  useBirth(shown, talk.id, own);
  useFollowing(shown);
  useElsewhere(talk, shown);
  useEffect(() => {
    if (status !== "in" || id === null) return;
    open(id);
    settle(true);
    if (id === undefined) keep(new Set());
    edit(undefined);
    const soon = setTimeout(() => void prepare().catch(() => undefined), 1_500);
    return () => clearTimeout(soon);
  }, [status, id]);

  const last = shown.findLast((line) => line.answer && !over(line.answer));
  const busy = last !== undefined || shown.some(unheard);
  const ask = (text: string, at = anew) => {
    const place = talk.id === undefined ? {} : { conversation: talk.id };
    const replaces = at && talk.id !== undefined ? target(at) : undefined;
    const instead = replaces === undefined ? {} : { replaces };
    if (at?.answer && at.answer.answer === undefined) connection().forget(at.key);
    const key = connection().ask({ text, ...place, ...instead }, last?.key);
    keep((before) => new Set([...before, key]));
    write("");
    edit(undefined);
  };
  const change = useLatest((line: Line) => {
    edit(line);
    write(asked(line));
  });
  // What came after a turn goes with it, so that is asked for once more.
  const again = useLatest((line: Line) => {
    if (shown.at(-1)?.key === line.key) ask(asked(line), line);
    else change(line);
  });
  const cancel = () => {
    edit(undefined);
    write("");
  };
  const title = titleOf(talk.id) ?? t(talk.id === undefined ? "menu.new" : "chat.title");
  return (
    <Shell title={title} full actions={talk.id && <TalkMenu id={talk.id} title={title} lines={shown} />}>
      <div className="talk-page">
        <Turns talk={talk} lines={shown} busy={busy} onPick={write} onAgain={again} onEdit={change} />
        <Composer
          draft={draft}
          onDraft={write}
          onAsk={ask}
          lines={shown}
          anew={anew && { last: shown.at(-1)?.key === anew.key, cancel }}
        />
        <Announcer lines={shown} />
      </div>
    </Shell>
  );
}

/** One function for the life of a page that does what its newest drawing says. */
function useLatest(act: (line: Line) => void): (line: Line) => void {
  const latest = useRef(act);
  useLayoutEffect(() => {
    latest.current = act;
  });
  return useCallback((line: Line) => latest.current(line), []);
}

function asked({ turn, answer }: Line): string {
  return turn?.question ?? answer?.ask?.text ?? "";
}

/** Whether words of a line are still to come, and are not on their way. */
function unheard({ turn, answer }: Line): boolean {
  return !answer && turn !== undefined && (turn.unread === true || beingWritten(turn));
}

/** The conversation of the address; undefined for a new one, null while unknown. */
function useAddress(): string | undefined | null {
  const { isReady, query } = useRouter();
  if (!isReady) return null;
  const [id] = Array.isArray(query.id) ? query.id : [query.id];
  return id;
}

/** Once a new conversation has its id, the address says so. */
function useBirth(shown: Line[], id: string | undefined, own: ReadonlySet<string>): void {
  const router = useRouter();
  const named = shown.find((line) => own.has(line.key) && line.answer?.conversation)?.answer;
  const conversation = named?.conversation;
  useEffect(() => {
    if (id !== undefined || conversation === undefined) return;
    born(conversation);
    void router.replace(placeOf("chat", conversation), undefined, { scroll: false });
  }, [id, conversation, router]);
}

/** Answers that another device or an earlier visit began are read on here. */
function useFollowing(shown: Line[]): void {
  const client = useClient();
  const followed = useRef(new Set<string>());
  const written = shown.filter(unheard);
  const names = written.map(({ turn }) => turn?.answer ?? "").join();
  useEffect(() => {
    if (client === undefined) return;
    for (const name of names.split(",").filter(Boolean)) {
      if (followed.current.has(name)) continue;
      followed.current.add(name);
      client.read(name);
    }
  }, [client, names]);
}

const catching = () => import("../../lib/catching");

/** Milliseconds after which what could not be fetched is asked for again. */
const AGAIN = 5_000;

/**
 * What was asked or asked anew elsewhere is shown here, too, also if it was while there was
 * no connection; and once more what was there before, if a question came to nothing.
 */
function useElsewhere(talk: Talk, shown: Line[]): void {
  const client = useClient();
  const lines = useRef(shown);
  useLayoutEffect(() => {
    lines.current = shown;
  });
  const there = talk.id !== undefined && talk.state === "ready" && client?.link === "open";
  const news = there && talk.id !== undefined ? heard(talk.id) : talk.as;
  const lacking = news !== talk.as;
  useEffect(() => {
    if (!lacking) return undefined;
    let later: ReturnType<typeof setTimeout>;
    const look = () => {
      catching().then(({ catchUp }) => catchUp(lines.current)).catch(() => (later = setTimeout(look, AGAIN)));
    };
    look();
    return () => clearTimeout(later);
  }, [lacking, news]);
  const vain = shown.find(
    ({ turn, answer }) => turn?.replaces !== undefined && beingWritten(turn) && answer?.state === "failed",
  )?.key;
  useEffect(() => {
    if (vain !== undefined) void catching().then(({ whole }) => whole(lines.current)).catch(() => undefined);
  }, [vain]);
}
