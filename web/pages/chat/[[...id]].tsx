import { useRouter } from "next/router";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { titleOf, useConversations } from "../../lib/conversations";
import { connection, useClient, useSession } from "../../lib/session";
import { placeOf } from "../../lib/places";
import { born, lines, open, useTalk, type Line } from "../../lib/talk";
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
  const talk = useTalk();
  const client = useClient();
  useConversations();
  const [own, keep] = useState<ReadonlySet<string>>(new Set());
  const [draft, write] = useState("");
  const shown = lines(talk, client?.answers.values() ?? [], own);
  useBirth(shown, talk.id, own);
  useFollowing(shown);
  useEffect(() => {
    if (status !== "in" || id === null) return;
    open(id);
    if (id === undefined) keep(new Set());
    const soon = setTimeout(() => void prepare().catch(() => undefined), 1_500);
    return () => clearTimeout(soon);
  }, [status, id]);

  const ask = useLatest((text: string) => {
    const last = shown.findLast((line) => line.answer && !over(line.answer));
    const place = talk.id === undefined ? {} : { conversation: talk.id };
    const key = connection().ask({ text, ...place }, last?.key);
    keep((before) => new Set([...before, key]));
    write("");
  });
  const title = titleOf(talk.id) ?? t(talk.id === undefined ? "menu.new" : "chat.title");
  return (
    <Shell title={title} full actions={talk.id && <TalkMenu id={talk.id} title={title} lines={shown} />}>
      <div className="talk-page">
        <Turns talk={talk} lines={shown} onAsk={ask} onEdit={write} />
        <Composer draft={draft} onDraft={write} onAsk={ask} lines={shown} />
        <Announcer lines={shown} />
      </div>
    </Shell>
  );
}

/** One function for the life of a page that does what its newest drawing says. */
function useLatest(act: (text: string) => void): (text: string) => void {
  const latest = useRef(act);
  useLayoutEffect(() => {
    latest.current = act;
  });
  return useCallback((text: string) => latest.current(text), []);
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
  const open = shown.filter(({ turn, answer }) => !answer && turn && /queued|streaming/.test(turn.state));
  const names = open.map(({ turn }) => turn?.answer ?? "").join();
  useEffect(() => {
    if (client === undefined) return;
    for (const name of names.split(",").filter(Boolean)) {
      if (followed.current.has(name)) continue;
      followed.current.add(name);
      client.read(name);
    }
  }, [client, names]);
}
