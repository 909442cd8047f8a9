/**
 * One conversation: the turns that the server keeps, and the answers of this page that
 * belong to it. Turns come in pages, the latest first; older ones when asked for.
 */

import { useSyncExternalStore } from "react";
import { api, connection } from "./session";
import { ApiError, over, type Answer, type Turn } from "./zimgpt/index.js";

const PAGE = 20;

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

/** Turns to another conversation, or to a new one; what is open already stays. */
export function open(id: string | undefined): void {
  if (talk.id === id && talk.state !== "failed") return;
  asking += 1;
  if (id === undefined) return become(FRESH);
  become({ id, turns: [], more: true, state: "loading", as: heard(id) });
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

/** What was heard of a conversation: another with each connection and each piece of news. */
export function heard(id: string): string {
  const { opened, elsewhere } = connection();
  const news = elsewhere.get(id);
  return `${opened} ${news === undefined ? "" : news.type === "asked" ? news.answer : news.by}`;
}

/**
 * Fetches what was asked elsewhere in what is open, without words that are here already;
 * those that are not are read like answers under way. `shown` is what the reader sees.
 */
export async function catchUp(shown: readonly Line[]): Promise<void> {
  const { id } = talk;
  if (id === undefined) return;
  const mine = ++asking;
  const as = heard(id);
  const before = shown.slice(0, shown.findLastIndex(settled) + 1);
  const past = ours(id).filter(over);
  const news = connection().elsewhere.get(id);
  const gone = news?.type === "replaced" && shown.some((line) => named(line) === news.answer);
  try {
    const found = gone ? undefined : await since(id, before.at(-1));
    if (mine !== asking) return;
    if (found === undefined) return await whole(shown);
    const here = [...talk.turns, ...folded(before)];
    const has = new Set(here.map((turn) => turn.answer));
    const fresh = found.filter((turn) => !has.has(turn.answer));
    if (fresh.length === 0) return become({ ...talk, as });
    become({ ...talk, turns: [...here, ...fresh.map(unread)], as });
    settle(id, past);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "not_found") throw error;
    if (mine === asking) become({ ...talk, state: "failed", error, as });
  }
}

/** Looks at the whole latest page again; words that are here already stay. */
export async function whole(shown: readonly Line[]): Promise<void> {
  const { id } = talk;
  if (id === undefined) return;
  const mine = ++asking;
  const as = heard(id);
  const past = ours(id).filter(over);
  const { turns: found } = await api.turns(id, { limit: PAGE, texts: false });
  if (mine !== asking) return;
  const here = [...talk.turns, ...folded(shown)];
  const known = new Map(here.map((turn) => [turn.answer, turn]));
  const turns = found.map((turn) => {
    const one = known.get(turn.answer);
    return one && !beingWritten(one) ? one : unread(turn);
  });
  const all = found.length < PAGE;
  const place = all ? -1 : here.findIndex((turn) => turn.answer === found[0]?.answer);
  const before = here.slice(0, Math.max(place, 0));
  become({ id, turns: [...before, ...turns], more: !all && (place < 0 || talk.more), state: "ready", as });
  settle(id, past);
}

/** What came after a line; undefined if it has no place any more, or too much came. */
async function since(id: string, line: Line | undefined): Promise<Turn[] | undefined> {
  const after = line && named(line);
  const place = after === undefined ? {} : { after };
  try {
    const { turns } = await api.turns(id, { ...place, limit: PAGE, texts: false });
    return turns.length < PAGE ? turns : undefined;
  } catch (error) {
    if (error instanceof ApiError && error.code === "turn_replaced") return undefined;
    throw error;
  }
}

/** Answers of this page that belong to a conversation. */
function ours(id: string): Answer[] {
  return [...connection().answers.values()].filter((one) => one.conversation === id);
}

/**
 * Of answers that had ended, those that are not among the turns have made room for others:
 * they go, unless one that is still being written may have to give their place back.
 */
function settle(id: string, past: readonly Answer[]): void {
  if (ours(id).some((one) => one.ask?.replaces !== undefined && !over(one))) return;
  const has = new Set(talk.turns.map((turn) => turn.answer));
  for (const one of past) {
    if (one.answer !== undefined && !has.has(one.answer)) connection().forget(one.key);
  }
}

/** Answers of this page as the server keeps them. */
function folded(shown: readonly Line[]): Kept[] {
  return shown.filter((line) => !line.turn && settled(line)).flatMap(({ answer }) => (answer ? kept(answer) : []));
}

function kept({ answer, ask, text, state, cost, finish }: Answer): Kept[] {
  if (answer === undefined) return [];
  const one: Kept = {
    answer,
    question: ask?.text ?? "",
    text,
    state: state === "failed" ? "failed" : "complete",
    cost: cost ?? 0,
    asked_at: "",
    ...(finish === undefined ? {} : { finish }),
    ...(ask?.replaces === undefined ? {} : { replaces: ask.replaces }),
  };
  return [one];
}

function unread(turn: Turn): Kept {
  return turn.state === "failed" ? turn : { ...turn, unread: true };
}

/** Whether an answer that the server told of was still being written then. */
export function beingWritten(turn: Turn): boolean {
  return turn.state === "queued" || turn.state === "streaming";
}

/** Whether a line has ended, as the server knows, too. */
function settled({ turn, answer }: Line): boolean {
  if (answer) return answer.answer !== undefined && (answer.state === "done" || answer.state === "failed");
  return turn !== undefined && !beingWritten(turn);
}

function named({ turn, answer }: Line): string | undefined {
  return turn?.answer ?? answer?.answer;
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
