/**
 * Who is here, and the one connection of this page.
 *
 * It lives outside the components: pages come and go, the connection stays. What is
 * remembered of a person, so that the app opens without a network, is no secret: their
 * number and the session's id. The session itself is a cookie that no script can read.
 */

import { useSyncExternalStore } from "react";
import { took } from "./meter";
import { named } from "./naming";
import { onSaver, saving } from "./saver";
import { Api, ApiError, Client, browserStore, wakes, type Answer, type Me } from "./zimgpt/index.js";

export interface Person {
  phone: string;
  session: string;
}

export interface Session {
  /** `new`: not known yet. */
  status: "new" | "in" | "out";
  person?: Person;
}

export const api = new Api();

const REMEMBERED = "zimgpt-person";

let session: Session = { status: "new" };
let client: Client | undefined;
let asleep: (() => void) | undefined;
const listeners = new Set<() => void>();

function become(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

const NOBODY: Session = { status: "new" };

/** Who is here. */
export function useSession(): Session {
  return useSyncExternalStore(
    subscribe,
    () => session,
    () => NOBODY,
  );
}

const noClient = () => () => undefined;

/** The connection, rendered anew with each change; undefined for who is not signed in. */
export function useClient(): Client | undefined {
  useSession();
  useSyncExternalStore(
    client ? subscribed : noClient,
    () => client?.version ?? 0,
    () => 0,
  );
  return client;
}

function subscribed(listener: () => void): () => void {
  return client?.subscribe(listener) ?? (() => undefined);
}

/** One answer of the connection; rendered anew when it changes, and not for others. */
export function useAnswer(key: string): Answer | undefined {
  return useSyncExternalStore(
    subscribed,
    () => client?.answers.get(key),
    () => undefined,
  );
}

/** The connection, for what is done on a click. */
export function connection(): Client {
  if (client === undefined) throw new Error("nobody is signed in");
  return client;
}

/** Begins: whoever was here before is let in at once, and confirmed meanwhile. */
export function begin(): void {
  if (session.status !== "new") return;
  const remembered = recall();
  if (remembered) enter(remembered);
  confirm().catch(() => undefined); // without a network, whoever was here is here
}

let turns = 0; // how often somebody came or left

/** Asks the server who is here; an answer from before the last coming or leaving says nothing. */
export async function confirm(): Promise<boolean> {
  const asked = turns;
  try {
    const me = await api.me();
    if (asked !== turns) return false;
    admit(me);
    return true;
  } catch (error) {
    if (asked !== turns) return false;
    if (!(error instanceof ApiError) || error.status !== 401) {
      if (session.status === "new") setTimeout(() => void confirm().catch(() => undefined), 3_000);
      throw error;
    }
    leave();
    return false;
  }
}

api.renew = confirm;

let admitted: Promise<void> | undefined;

/** Asks once more, now that the server is there: changes need its proof. */
async function confirmed(): Promise<void> {
  await confirm().catch(() => undefined);
  admitted = undefined;
}

/** Somebody has signed in or up. */
export async function entered(csrf: string | undefined): Promise<void> {
  turns += 1;
  api.csrf = csrf;
  await confirm();
}

function admit(me: Me): void {
  api.csrf = me.csrf;
  const person = { phone: me.phone, session: me.session.id };
  if (session.person?.phone !== person.phone) enter(person);
  else become({ status: "in", person });
  remember(person);
  if (client && client.wallet === undefined) client.wallet = me.balance;
}

function enter(person: Person): void {
  shut();
  client = new Client({
    url: location.origin.replace("http", "ws") + "/ws",
    store: browserStore(localStorage, person.phone.slice(-9)),
    slow: saving(),
    signedIn: confirm,
  });
  const mine = client;
  let counted = 0;
  mine.subscribe(() => {
    took(mine.bytes - counted);
    counted = mine.bytes;
    if (mine !== client) return;
    if (mine.link === "out") void again(mine);
    else if (mine.link === "open" && api.csrf === undefined) admitted ??= confirmed();
  });
  const awake = wakes(mine);
  const paced = onSaver(() => mine.pace(saving()));
  asleep = () => {
    awake();
    paced();
  };
  become({ status: "in", person });
  mine.connect();
}

/**
 * The connection was told that its session has ended. A new password ends every session
 * and begins one: whoever has that stays.
 */
async function again(mine: Client): Promise<void> {
  await changing?.catch(() => undefined); // its answer brings the new session
  const inside = await confirm().catch(() => true);
  if (inside && mine === client) mine.connect();
}

let changing: Promise<unknown> | undefined;

/** Takes another password; whoever was signed in by the one before, but here, is not now. */
export async function changePassword(current: string, password: string): Promise<void> {
  const changed = api.changePassword(current, password, named(navigator.userAgent));
  changing = changed.then(({ csrf }) => entered(csrf));
  try {
    await changing;
  } finally {
    changing = undefined;
  }
}

/** Nobody is here any more: what was kept of them goes. */
export function leave(): void {
  turns += 1;
  shut();
  api.csrf = undefined;
  for (const name of Object.keys(localStorage)) {
    if (name === REMEMBERED || name.startsWith("zimgpt:")) localStorage.removeItem(name);
  }
  become({ status: "out" });
}

function shut(): void {
  asleep?.();
  client?.close();
  client = asleep = undefined;
}

function remember(person: Person): void {
  localStorage.setItem(REMEMBERED, JSON.stringify(person));
}

function recall(): Person | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(REMEMBERED) ?? "") as Person;
    return typeof kept.phone === "string" ? kept : undefined;
  } catch {
    return undefined;
  }
}
