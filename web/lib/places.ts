/** Addresses of this app that more than one part leads to. */

import type { Kind } from "./zimgpt/index.js";

/** Where balance and payments are. */
export const WALLET = "/wallet";

const PAGES: Record<Kind, string> = { chat: "/chat", essay: "/essay" };

/** One payment, from its beginning to its receipt. */
export function payPlace(id: string): string {
  return `/pay?payment=${id}`;
}

/** The page of a conversation; without an id, of a new one. */
export function placeOf(kind: Kind, id?: string): string {
  return id === undefined ? PAGES[kind] : `${PAGES[kind]}/${id}`;
}
