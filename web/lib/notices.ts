/** What the operator has to say to everybody, until it is over or has been hidden. */

import { useEffect, useSyncExternalStore } from "react";
import { api } from "./session";
import type { Notice } from "./zimgpt/index.js";

/** Where it is kept what was hidden; goes with its person (lib/session.ts). */
const HIDDEN = "zimgpt:notices";
/** Milliseconds for which nothing new is asked for, whatever pages are opened. */
const PAUSE = 600_000;

let said: Notice[] = [];
let shown: Notice | undefined;
let asked = -PAUSE;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function hidden(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(HIDDEN) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

/** Finds the latest that holds and was not hidden. */
function look(): void {
  const gone = hidden();
  shown = said.find(({ id, until }) => Date.parse(until) > Date.now() && !gone.includes(id));
  for (const listener of listeners) listener();
}

function ask(): void {
  if (performance.now() - asked < PAUSE) return look();
  asked = performance.now();
  api.notices().then(
    ({ notices }) => {
      said = notices;
      look();
    },
    () => void (asked = -PAUSE), // the next page asks again
  );
}

/** Shows it no more on this phone. */
export function hide(notice: Notice): void {
  const still = hidden().filter((id) => said.some((one) => one.id === id));
  try {
    localStorage.setItem(HIDDEN, JSON.stringify([...still, notice.id]));
  } catch {
    // A full storage costs only that it comes back with the next visit.
    said = said.filter((one) => one !== notice);
  }
  look();
}

/** What there is to show, asked for with the opening of a page. */
export function useNotice(): Notice | undefined {
  useEffect(ask, []);
  return useSyncExternalStore(
    subscribe,
    () => shown,
    () => undefined,
  );
}
