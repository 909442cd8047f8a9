/** Where answers under way are kept, so that a reload goes on to the byte. */

import { over, type Answer } from "./answers.js";

export interface Store {
  /** What was kept; [] when there is nothing that can be read. */
  load(): Answer[];
  save(answer: Answer): void;
  forget(key: string): void;
}

/** Forgets everything with the page. */
export function noStore(): Store {
  return { load: () => [], save: () => undefined, forget: () => undefined };
}

/**
 * In the browser: one entry an answer, so that two tabs do not overwrite each other.
 * `owner` parts people who share a browser. A full or forbidden storage costs only
 * that a reload asks for the whole text again.
 */
export function browserStore(storage: Storage, owner: string): Store {
  const prefix = `zimgpt:${owner}:`;
  return {
    load() {
      const kept: Answer[] = [];
      for (const name of Object.keys(storage)) {
        if (!name.startsWith(prefix)) continue;
        const one = parsed(storage.getItem(name));
        if (one && !over(one)) kept.push(one);
        else storage.removeItem(name);
      }
      return kept;
    },
    save(answer) {
      try {
        storage.setItem(prefix + answer.key, JSON.stringify(answer));
      } catch {
        storage.removeItem(prefix + answer.key);
      }
    },
    forget(key) {
      storage.removeItem(prefix + key);
    },
  };
}

function parsed(text: string | null): Answer | undefined {
  try {
    const one = JSON.parse(text ?? "") as Answer;
    return typeof one.key === "string" && typeof one.text === "string" ? one : undefined;
  } catch {
    return undefined;
  }
}
