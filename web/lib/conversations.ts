/** The list of conversations: paged, shared by all who show it, fresh after changes. */

import { useSyncExternalStore } from "react";
import { api } from "./session";
import type { Client, Conversation } from "./zimgpt/index.js";

/** Lines of a page; a screenful on a desk. */
const PAGE = 30;
/** Of the latest, which are looked at when something was asked in one of them. */
const LATEST = 6;

export interface List {
  readonly lines: readonly Conversation[];
  readonly search: string;
  readonly state: "new" | "loading" | "ready" | "failed";
  /** Whether there are more. */
  readonly more: boolean;
  readonly error?: unknown;
}

const EMPTY: List = { lines: [], search: "", state: "new", more: true };

let list = EMPTY;
let asking = 0;
let seen = { opened: 0, news: 0 };
let late = false;
const listeners = new Set<() => void>();

function become(next: List): void {
  list = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function useConversations(): List {
  return useSyncExternalStore(
    subscribe,
    () => list,
    () => EMPTY,
  );
}

/** Finds titles and words; everything for `""`. What is shown stays until then. */
export async function find(search = ""): Promise<void> {
  const mine = ++asking;
  become({ ...list, search, state: "loading" });
  await page(mine, search);
}

/** The next page, if there is one and none is on the way. */
export async function more(): Promise<void> {
  if (list.state !== "ready" || !list.more) return;
  const mine = ++asking;
  become({ ...list, state: "loading" });
  await page(mine, list.search, list.lines);
}

async function page(mine: number, search: string, before: readonly Conversation[] = []) {
  try {
    const last = before.at(-1);
    const place = last === undefined ? {} : { before: last.id };
    const { conversations } = await api.conversations({ search, limit: PAGE, ...place });
    if (mine !== asking) return;
    const known = new Set(before.map((one) => one.id));
    const lines = [...before, ...conversations.filter((one) => !known.has(one.id))];
    become({ lines, search, state: "ready", more: conversations.length === PAGE });
  } catch (error) {
    if (mine === asking) become({ ...list, state: "failed", error });
  }
  if (late && mine === asking) void latest();
}

/**
 * Keeps the list as the server has it, by what a connection hears: a conversation in which
 * something was asked moves up, here or elsewhere; what is not known is fetched.
 */
export function follow({ active, opened, news }: Client): void {
  const before = seen;
  if (news === before.news) return;
  seen = { opened, news };
  if (list.state === "new" || list.search !== "") return; // all of it is still to come
  const known = list.lines.find((line) => line.id === active);
  const missed = opened !== before.opened || news !== before.news + 1;
  if (missed || known === undefined) void latest();
  else become({ ...list, lines: [known, ...list.lines.filter((line) => line !== known)] });
}

/** Looks which are the latest now, and at the whole page if none of them is as it was. */
async function latest(): Promise<void> {
  late = list.state === "loading";
  if (late) return;
  const mine = asking;
  const found = await api.conversations({ limit: LATEST }).catch(() => undefined);
  if (found === undefined || mine !== asking || list.search !== "") return;
  const top = found.conversations;
  const same = top.findIndex((one) => {
    return list.lines.some((line) => line.id === one.id && line.updated_at === one.updated_at);
  });
  if (top.length < LATEST) return become({ ...list, lines: top, more: false, state: "ready" });
  if (same < 0) return find();
  const fresh = top.slice(0, same);
  const ids = new Set(fresh.map((one) => one.id));
  become({ ...list, lines: [...fresh, ...list.lines.filter((line) => !ids.has(line.id))] });
}

/** The title of a conversation, if it is in the list. */
export function titleOf(id: string | undefined): string | undefined {
  return list.lines.find((one) => one.id === id)?.title;
}

export async function rename(id: string, title: string): Promise<void> {
  const renamed = await api.rename(id, title);
  const lines = list.lines.map((one) => (one.id === id ? { ...one, title: renamed.title } : one));
  become({ ...list, lines });
}

export async function remove(id: string): Promise<void> {
  await api.remove(id);
  become({ ...list, lines: list.lines.filter((one) => one.id !== id) });
}

/** Forgets everything: somebody else is here. */
export function reset(): void {
  asking += 1;
  become(EMPTY);
}
