/** What a person has chosen at the server, asked for once and shared by all who show it. */

import { useEffect, useSyncExternalStore } from "react";
import { api, useSession } from "./session";
import type { Preferences } from "./zimgpt/index.js";

let kept: { session: string; value: Preferences } | undefined;
const listeners = new Set<() => void>();

function become(session: string, value: Preferences): void {
  kept = { session, value };
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Undefined until they are known, or where they cannot be reached. */
export function usePreferences(): Preferences | undefined {
  const session = useSession().person?.session;
  const value = useSyncExternalStore(
    subscribe,
    () => (kept?.session === session ? kept?.value : undefined),
    () => undefined,
  );
  useEffect(() => {
    if (session !== undefined && kept?.session !== session) void look(session).catch(() => undefined);
  }, [session]);
  return value;
}

/** Asks once more: something has changed. */
export async function look(session: string): Promise<void> {
  become(session, await api.preferences());
}

/** From now on answers are written in this language; null: in that of each question. */
export async function answerIn(session: string, language: Preferences["answer_language"]): Promise<void> {
  become(session, await api.prefer(language));
}
