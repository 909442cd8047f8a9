/**
 * Data that the app has taken this month on this phone, as the browser tells it: frames
 * of the connection and what was fetched. What came from the phone itself counts nothing.
 */

import { useSyncExternalStore } from "react";

const PREFIX = "zimgpt-data-";
/** Milliseconds between two notes. */
const PAUSE = 2_000;

let unsaved = 0;
let later: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function month(): string {
  return PREFIX + new Date().toISOString().slice(0, 7);
}

/** Bytes of this month so far. */
export function taken(): number {
  return Number(localStorage.getItem(month()) ?? 0) + unsaved;
}

export function took(bytes: number): void {
  unsaved += bytes;
  later ??= setTimeout(save, PAUSE);
}

function save(): void {
  later = undefined;
  const name = month();
  const sum = taken();
  for (const old of Object.keys(localStorage)) {
    if (old.startsWith(PREFIX) && old !== name) localStorage.removeItem(old);
  }
  localStorage.setItem(name, String(sum));
  unsaved = 0;
  for (const listener of listeners) listener();
}

/** Counts what the browser fetches from now on, and has fetched for this page. */
export function watchFetches(): void {
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as PerformanceResourceTiming[]) took(entry.transferSize);
  }).observe({ type: "resource", buffered: true });
  const [page] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  if (page) took(page.transferSize);
}

export function useTaken(): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    taken,
    () => 0,
  );
}

/** Bytes as people read them: `850 B`, `12.5 kB`, `3.1 MB`. */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
