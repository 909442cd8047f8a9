/**
 * One conversation: the turns that the server keeps, and the answers of this page that
 * belong to it. Turns come in pages, the latest first; older ones when asked for.
 */

import { useSyncExternalStore } from "react";
import { heard } from "./heard";
import { api } from "./session";
import type { Answer, Turn } from "./zimgpt/index.js";

export const PAGE = 20;

/** A turn as it is known here. */
export interface Kept extends Turn {
  /** Its words are not here yet: they come like those of an answer under way. */
  readonly unread?: boolean;
}

export interface Talk {
  /** Missing while nothing has been asked in it. */
  readonly id?: string;
  readonly turns: readonly Kept[];
  /** Whether there are older turns. */
  readonly more: boolean;
  readonly state: "loading" | "ready" | "failed";
  readonly error?: unknown;
  /** What had been heard of it when it was last looked at: see `heard`. */
  readonly as: string;
}

const FRESH: Talk = { turns: [], more: false, state: "ready", as: "" };

let talk: Talk = FRESH;
let asking = 0;
const listeners = new Set<() => void>();

function become(next: Talk): void {
  talk = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function useTalk(): Talk {
  return useSyncExternalStore(
    subscribe,
    () => talk,
    () => FRESH,
  );
}

/**
 * What a page shows that has just come. Until it has opened what its address says (`opened`),
 * nothing of another conversation, which would be drawn only to go.
 */
export function useTalkOf(id: string | undefined | null, opened: boolean): Talk {
  const shown = useTalk();
  if (opened || id === null || shown.id === id) return shown;
  return id ? loading(id) : FRESH;
}

function loading(id: string): Talk {
  return { id, turns: [], more: true, state: "loading", as: "" };
}

/** Turns to another conversation, or to a new one; what is open already stays. */
export function open(id: string | undefined): void {
  if (talk.id === id && talk.state !== "failed") return;
  asking += 1;
  if (id === undefined) return become(FRESH);
  become({ ...loading(id), as: heard(id) });
  void page();
}

/** Begins anew, also when the one before was new, too. */
export function fresh(): void {
  asking += 1;
  become(FRESH);
}

/** The new conversation that is open has been given its id: nothing is to be loaded. */
export function born(id: string): void {
  if (talk.id === undefined) become({ ...talk, id, as: heard(id) });
}

/** What is open, to be replaced while the one who asked was the last to ask. */
export function hold(): { talk: Talk; mine: () => boolean; put: (next: Talk) => void } {
  const number = ++asking;
  return { talk, mine: () => number === asking, put: become };
}

/** The page before, if there is one and none is on the way. */
export async function older(): Promise<void> {
  if (talk.state !== "ready" || !talk.more) return;
  become({ ...talk, state: "loading" });
  await page();
}

/** Asks for what is not there yet once more. */
export async function retry(): Promise<void> {
  become({ ...talk, state: "loading" });
  await page();
}

/** Whether an answer that the server told of was still being written then. */
export function beingWritten(turn: Turn): boolean {
  return turn.state === "queued" || turn.state === "streaming";
}

async function page(): Promise<void> {
  const mine = ++asking;
  const { id, turns: here } = talk;
  if (id === undefined) return;
  const as = here.length ? talk.as : heard(id);
  try {
    const [first] = here;
    const place = first === undefined ? {} : { before: first.answer };
    const { turns } = await api.turns(id, { limit: PAGE, ...place });
    if (mine !== asking) return;
    become({ id, turns: [...turns, ...here], more: turns.length === PAGE, state: "ready", as });
  } catch (error) {
    if (mine === asking) become({ ...talk, state: "failed", error });
  }
}

/** One turn as it is shown: `answer` where it is of this page, `turn` where it is kept. */
export interface Line {
  readonly key: string;
  readonly turn?: Kept;
  readonly answer?: Answer;
}

/** What the server has and what is under way here, in their order, each once. */
export function lines(shown: Talk, answers: Iterable<Answer>, own: ReadonlySet<string>): Line[] {
  const all = [...answers];
  const mine = all.filter(
    (one) => own.has(one.key) || (shown.id !== undefined && one.conversation === shown.id),
  );
  const byAnswer = new Map(all.map((one) => [one.answer, one]));
  const kept = shown.turns.map((turn) => {
    const live = byAnswer.get(turn.answer);
    return live ? { key: live.key, turn, answer: live } : { key: turn.answer, turn };
  });
  const known = new Set(shown.turns.map((turn) => turn.answer));
  const others = mine.filter((one) => one.answer === undefined || !known.has(one.answer));
  return placed([...kept, ...others.map((one) => ({ key: one.key, answer: one }))]);
}

/** Without turns whose place another has taken, unless that came to nothing. */
function placed(all: Line[]): Line[] {
  const left: Line[] = [];
  for (const line of all) {
    const vain = line.answer?.state === "failed" || line.answer?.state === "refused";
    const replaced = vain ? undefined : line.answer?.ask?.replaces;
    const from = replaced === undefined ? -1 : placeIn(left, replaced);
    if (from >= 0) left.splice(from);
    left.push(line);
  }
  return left;
}

/** Where an answer's place begins: at what it was to replace, if that is still there. */
function placeIn(lines: Line[], answer: string): number {
  const place = lines.findIndex((line) => (line.turn?.answer ?? line.answer?.answer) === answer);
  const one = lines[place];
  const before = one?.turn?.replaces ?? one?.answer?.ask?.replaces;
  const first = before === undefined ? -1 : placeIn(lines, before);
  return first < 0 ? place : first;
}

/** The answer whose place is taken when a line is asked anew. */
export function target(line: Line): string | undefined {
  return line.turn?.answer ?? line.answer?.answer ?? line.answer?.ask?.replaces;
}
