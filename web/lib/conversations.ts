/** The list of conversations: paged, shared by all who show it, fresh after changes. */

import { useSyncExternalStore } from "react";
import { api } from "./session";
import type { Conversation } from "./zimgpt/index.js";

/** Lines of a page; a screenful on a desk. */
const PAGE = 30;

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
}

/** The title of a conversation, if it is in the list. */
export function titleOf(id: string | undefined): string | undefined {
  return list.lines.find((one) => one.id === id)?.title;
}

/** Puts a conversation first: it was asked in. */
export function touched(one: Conversation): void {
  if (list.state === "new") return;
  const others = list.lines.filter((line) => line.id !== one.id);
  const known = list.lines.find((line) => line.id === one.id);
  become({ ...list, lines: [{ ...one, title: known?.title ?? one.title }, ...others] });
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
