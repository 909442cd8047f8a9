/**
 * Which operator is here, and calls of `/admin/api`.
 *
 * Nothing of it is kept in the browser: a session is a cookie that no script can read, and
 * what was shown is gone with the page, or when nothing was done for too long.
 */

import { useSyncExternalStore } from "react";
import { named } from "../naming";
import { ApiError } from "../zimgpt/index.js";

export interface Door {
  /** `new`: not known yet. `code`: the password was right, the phone's code is awaited. */
  status: "new" | "out" | "code" | "in";
  name?: string;
  /** Why nobody is here any more. */
  note?: string;
}

interface Inside {
  name: string;
  csrf: string;
  idle: number;
}

const UNKNOWN: Door = { status: "new" };
const PATIENCE = 30_000; // milliseconds
const ENDED = "You were signed out, because nothing was done for a while or the day was over.";

let door: Door = UNKNOWN;
let csrf: string | undefined;
let idle = 0;
let asleep: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function become(next: Door): void {
  door = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function useDoor(): Door {
  return useSyncExternalStore(
    subscribe,
    () => door,
    () => UNKNOWN,
  );
}

/** Asks who is here, once a page. */
export async function lookWhoIsHere(): Promise<void> {
  if (door.status !== "new") return;
  try {
    enter(await once<Inside>("GET", "session"));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) become({ status: "out" });
    else throw error;
  }
}

/** The first step; then a code is awaited. */
export async function knock(name: string, password: string): Promise<void> {
  csrf = (await once<{ csrf: string }>("POST", "session", { name, password, client: named(navigator.userAgent) })).csrf;
  become({ status: "code", name });
}

/** The second step. */
export async function prove(code: string): Promise<void> {
  try {
    enter(await once<Inside>("POST", "session/code", { code }));
  } catch (error) {
    // The wait for a code is over: from the beginning.
    if (error instanceof ApiError && error.code === "not_signed_in") become({ status: "out", note: ENDED });
    else throw error;
  }
}

export function startAgain(): void {
  become({ status: "out" });
}

export async function signOut(): Promise<void> {
  await call("DELETE", "session");
  leave();
}

/** Calls `/admin/api/PATH`; raises ApiError for everything but a success. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  try {
    const said = await once<T>(method, path, body);
    stayAwake();
    return said;
  } catch (error) {
    if (error instanceof ApiError && error.code === "not_signed_in") leave(ENDED);
    throw error;
  }
}

async function once<T>(method: string, path: string, body?: unknown): Promise<T> {
  const reply = await fetch(`/admin/api/${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(csrf === undefined ? {} : { "X-ZG-CSRF": csrf }),
    },
    signal: AbortSignal.timeout(PATIENCE),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new ApiError("offline", "The server was not reached. It may have done what was asked: look before you try again.");
  });
  const said: unknown = JSON.parse((await reply.text().catch(() => "")) || "null");
  if (reply.ok) return said as T;
  const { code, message } = (said as { error: { code: string; message: string } }).error;
  throw new ApiError(code, message, reply.status);
}

function enter(inside: Inside): void {
  csrf = inside.csrf;
  idle = inside.idle;
  stayAwake();
  become({ status: "in", name: inside.name });
}

function leave(note?: string): void {
  clearTimeout(asleep);
  csrf = undefined;
  become({ status: "out", ...(note === undefined ? {} : { note }) });
}

/** The server forgets who is idle; then nothing of it shall stay on the screen. */
function stayAwake(): void {
  clearTimeout(asleep);
  asleep = setTimeout(() => leave(ENDED), idle * 1_000);
}

/** What went wrong, as the server says it. */
export function told(error: unknown): string {
  return error instanceof ApiError ? error.message : "Something went wrong in this page. Please load it again.";
}
