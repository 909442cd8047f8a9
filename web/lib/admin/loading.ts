/** What is fetched for a page: once, again when asked, and in pages. */

import { useCallback, useEffect, useState } from "react";
import { call, told } from "./session";

export interface Loading<T> {
  data: T | undefined;
  trouble: string | undefined;
  /** Fetches it again; what is there stays until the new has come. */
  again(): void;
}

/** `path` below `/admin/api/`; undefined fetches nothing. */
export function useLoaded<T>(path: string | undefined): Loading<T> {
  const [state, set] = useState<{ path?: string; data?: T; trouble?: string }>({});
  const again = useCallback(() => {
    if (path === undefined) return;
    call<T>("GET", path).then(
      (data) => set({ path, data }),
      (error: unknown) => set({ path, trouble: told(error) }),
    );
  }, [path]);
  useEffect(again, [again]);
  const mine = state.path === path;
  return { data: mine ? state.data : undefined, trouble: mine ? state.trouble : undefined, again };
}

export interface Paged<T> extends Loading<T[]> {
  /** Fetches the next page; undefined when there is none. */
  more: (() => void) | undefined;
}

/**
 * A list that comes in pages of at most `size`. `place` makes the address of the page after
 * an item, or of the first.
 */
export function usePaged<T>(place: (after?: T) => string, read: (said: unknown) => T[], size: number): Paged<T> {
  const first = place();
  const [state, set] = useState<{ first?: string; items: T[]; whole: boolean; trouble?: string }>({ items: [], whole: false });
  const fetchFrom = (address: string, before: T[]) =>
    void call<unknown>("GET", address).then(
      (said) => {
        const items = read(said);
        set({ first, items: [...before, ...items], whole: items.length < size });
      },
      (error: unknown) => set({ first, items: before, whole: true, trouble: told(error) }),
    );
  const again = () => fetchFrom(first, []);
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the address is all that counts
  useEffect(again, [first]);
  const mine = state.first === first;
  const last = state.items.at(-1);
  return {
    data: mine ? state.items : undefined,
    trouble: mine ? state.trouble : undefined,
    again,
    more: mine && !state.whole && last !== undefined ? () => fetchFrom(place(last), state.items) : undefined,
  };
}
