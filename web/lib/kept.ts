/** What somebody is writing, kept on this phone until it has been sent. */

import { useState } from "react";

/** Under this prefix everything goes when its person signs out (lib/session.ts). */
const PREFIX = "zimgpt:draft:";

export function useKept<Value>(name: string, first: Value): [Value, (value: Value) => void, () => void] {
  const [value, set] = useState<Value>(() => recalled(name) ?? first);
  const keep = (next: Value) => {
    set(next);
    try {
      localStorage.setItem(PREFIX + name, JSON.stringify(next));
    } catch {
      // A full storage costs only that a reload forgets it.
    }
  };
  return [value, keep, () => localStorage.removeItem(PREFIX + name)];
}

function recalled<Value>(name: string): Value | undefined {
  try {
    return (JSON.parse(localStorage.getItem(PREFIX + name) ?? "null") as Value | null) ?? undefined;
  } catch {
    return undefined;
  }
}
