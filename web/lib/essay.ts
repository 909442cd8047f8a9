/** An essay of a conversation: what was ordered, and the answer that is its text. */

import { useCallback, useEffect, useRef, useState } from "react";
import { heard } from "./heard";
import { api, useAnswer, useClient } from "./session";
import { ApiError, over, type Answer, type Brief, type EssayOrder, type EssayPrice, type Turn } from "./zimgpt/index.js";

/** Milliseconds after the last change before a price is asked for. */
const TYPING = 700;
/** The latest turns are enough: what is shown is the last of them. */
const TURNS = 3;

export interface Priced {
  essay?: EssayPrice;
  outline?: EssayPrice;
  error?: unknown;
}

/** What it would cost, once nothing has been changed for a moment. */
export function usePrice(text: string, brief: Brief | undefined): Priced {
  const [priced, know] = useState<Priced & { of?: string }>({});
  const wanted = brief && text.trim() ? JSON.stringify([text.trim(), brief]) : "";
  useEffect(() => {
    if (!wanted) return;
    let gone = false;
    const ask = async () => {
      const [topic, order] = JSON.parse(wanted) as [string, Brief];
      try {
        const essay = await api.essayPrice(topic, order);
        const outline = order.outline ? undefined : await api.essayPrice(topic, { ...order, step: "outline" });
        if (!gone) know({ of: wanted, essay, ...(outline ? { outline } : {}) });
      } catch (error) {
        if (!gone) know({ of: wanted, error });
      }
    };
    const later = setTimeout(() => void ask(), TYPING);
    return () => {
      gone = true;
      clearTimeout(later);
    };
  }, [wanted]);
  return priced.of === wanted ? priced : {};
}

export interface Piece {
  /** As it comes, while this page follows it. */
  live?: Answer | undefined;
  /** As the server keeps it. */
  turn?: Turn | undefined;
  error?: unknown;
  retry: () => void;
}

/** The latest answer of an essay's conversation, followed while it is written. */
export function usePiece(conversation: string): Piece {
  const client = useClient();
  const [turns, keep] = useState<Turn[]>();
  const [error, fail] = useState<unknown>();
  const [followed, follow] = useState("");
  const here = [...(client?.answers.values() ?? [])].filter(
    (one) => one.conversation === conversation && one.state !== "refused",
  );
  const own = here.at(-1);
  const as = useRef("");
  const load = useCallback(() => {
    fail(undefined);
    as.current = heard(conversation);
    api.turns(conversation, { limit: TURNS }).then((found) => keep(found.turns), fail);
  }, [conversation]);
  useEffect(load, [load]);
  const later = useLater(conversation, own?.answer ?? turns?.at(-1)?.answer, as);
  const turn = later ?? turns?.at(-1);
  const mine = later ? undefined : own?.key;
  useEffect(() => {
    if (mine === undefined && client && turn && /queued|streaming/.test(turn.state)) follow(client.read(turn.answer));
  }, [client, mine, turn]);
  const live = useAnswer(mine ?? followed);
  return { live, turn, error, retry: load };
}

/**
 * What another device has ordered in a conversation after what is `known` here: its words
 * are still to be read. `as` is what had been heard of it when this was last looked for.
 */
function useLater(conversation: string, known: string | undefined, as: { current: string }): Turn | undefined {
  const client = useClient();
  const [found, keep] = useState<{ turn: Turn; after: string }>();
  const news = client?.link === "open" ? heard(conversation) : "";
  useEffect(() => {
    if (!news || known === undefined || news === as.current) return;
    as.current = news;
    api.turns(conversation, { after: known, limit: TURNS, texts: false }).then(
      ({ turns }) => {
        const turn = turns.at(-1);
        if (turn) keep({ turn: { ...turn, state: "streaming" }, after: known });
      },
      () => undefined, // it is asked for with the next connection, too
    );
  }, [conversation, known, news, as]);
  return found !== undefined && found.after === known ? found.turn : undefined;
}

export interface Ordered {
  order?: EssayOrder;
  /** Whether it was told after the end: only then is its outline whole. */
  whole?: boolean;
  /** An essay that was asked for without a brief. */
  plain?: boolean;
  error?: unknown;
  retry: () => void;
}

/** What was ordered; asked for once its answer is known, and again at its end. */
export function useOrder(answer: string | undefined, ended: boolean): Ordered {
  const [found, keep] = useState<Omit<Ordered, "retry">>({});
  const [tries, again] = useState(0);
  useEffect(() => {
    if (answer === undefined) return;
    let gone = false;
    api.essay(answer).then(
      (order) => gone || keep({ order, whole: ended }),
      (error: unknown) => {
        if (gone) return;
        const plain = error instanceof ApiError && error.status === 404;
        keep(plain ? { plain } : (before) => ({ ...before, error }));
      },
    );
    return () => void (gone = true);
  }, [answer, ended, tries]);
  const mine = found.order === undefined || found.order.answer === answer ? found : {};
  return { ...mine, retry: () => again(tries + 1) };
}

/** How far a text is: words without headings, and the section that is being written. */
export function progress(text: string): { words: number; section: string } {
  const lines = text.split("\n");
  const heading = lines.findLast((line) => line.startsWith("## "));
  const words = lines.filter((line) => !line.startsWith("#")).join(" ").match(/\S+/g)?.length ?? 0;
  return { words, section: heading?.slice(3).trim() ?? "" };
}

export function ended({ live, turn }: Piece): boolean {
  if (live) return over(live);
  return turn !== undefined && !/queued|streaming/.test(turn.state);
}
