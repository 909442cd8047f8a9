/** The data saver: chosen on this phone, or in its own settings. */

import { useSyncExternalStore } from "react";

const SAVER = "zimgpt-saver";

const listeners = new Set<() => void>();

/** Whether data is to be saved. */
export function saving(): boolean {
  const chosen = localStorage.getItem(SAVER);
  const phone = (navigator as { connection?: { saveData?: boolean } }).connection;
  return chosen === null ? phone?.saveData === true : chosen === "1";
}

/** Calls `listener` after each change. */
export function onSaver(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function useSaver(): [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore(onSaver, saving, () => false);
  const set = (wanted: boolean) => {
    localStorage.setItem(SAVER, wanted ? "1" : "0");
    for (const listener of listeners) listener();
  };
  return [on, set];
}
