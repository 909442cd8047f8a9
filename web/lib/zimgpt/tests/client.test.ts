/** The connection that never gives up, against a server that the test plays. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Client, type Options } from "../client.js";
import { frameBytes } from "../meter.js";
import { browserStore } from "../store.js";
import { LONGEST, wait } from "../waits.js";
import { FakeSocket, latest } from "./socket.js";

const ANSWER = "0194f0c0-0000-4000-8000-000000000001";
const TALK = "0194f0c0-0000-4000-8000-00000000000a";

beforeEach(() => {
  FakeSocket.all = [];
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
});

let ids = 0;

function made(options: Partial<Options> = {}): Client {
  const client = new Client({
    url: "wss://zimgpt.example/ws",
    WebSocket: FakeSocket as unknown as NonNullable<Options["WebSocket"]>,
    random: () => 0.5,
    newId: () => `q${(ids += 1)}`,
    ...options,
  });
  client.connect();
  return client;
}

function accept(key: string, a = 1): void {
  const rest = { conversation: TALK, max_tokens: 100, hold: 110, balance: 4890 };
  latest().says({ type: "accepted", id: key, answer: ANSWER, a, e: 1, ...rest });
}

/** Storage as browsers have it. */
function storage(): Storage {
  const kept: Record<string, string> = {};
  const methods = {
    getItem: (name: string) => kept[name] ?? null,
    setItem: (name: string, value: string) => void (kept[name] = value),
    removeItem: (name: string) => void delete kept[name],
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(kept, name, { value, enumerable: false });
  }
  return kept as unknown as Storage;
}

test("a question asked before there is a connection is sent when there is one, once", () => {
  const client = made();
  const key = client.ask({ text: "Mvura?" });
  assert.deepEqual(latest().sent, []);
  latest().open();
  assert.deepEqual(latest().sent, [{ type: "ask", id: key, text: "Mvura?" }]);
});

test("after a break the same question goes again until it is accepted, then its answer is read on", () => {
  const client = made();
  latest().open();
  const key = client.ask({ text: "Mvura?" });
  latest().breaks();
  mock.timers.tick(LONGEST);
  latest().open();
  assert.deepEqual(latest().sent, [{ type: "ask", id: key, text: "Mvura?" }]);
  accept(key);
  latest().says({ t: "Rain ", a: 1 });
  latest().says({ t: "falls ", s: 4 });
  latest().breaks();
  mock.timers.tick(LONGEST);
  latest().open();
  assert.deepEqual(latest().sent, [{ type: "read", answer: ANSWER, epoch: 1, seq: 4 }]);
  latest().says({ type: "reading", answer: ANSWER, a: 7, e: 1, s: 4 });
  latest().says({ t: "on.", a: 7 });
  assert.equal(client.answers.get(key)?.text, "Rain falls on.");
});

test("numbers of a connection that is gone mean nothing on the next", () => {
  const client = made();
  latest().open();
  const key = client.ask({ text: "?" });
  accept(key, 1);
  latest().breaks();
  mock.timers.tick(LONGEST);
  latest().open();
  latest().says({ a: 1, t: "of somebody else" });
  assert.equal(client.answers.get(key)?.text, "");
});

test("it tries for ever, later and later up to a bound, and never in step with others", () => {
  const client = made();
  for (let tries = 0; tries < 60; tries += 1) {
    latest().breaks();
    assert.equal(client.link, "lost");
    mock.timers.tick(wait(tries, 0.5) - 1);
    assert.equal(FakeSocket.all.length, tries + 1);
    mock.timers.tick(1);
    assert.equal(FakeSocket.all.length, tries + 2);
  }
  assert.equal(wait(40, 0.999) <= LONGEST, true);
  assert.notEqual(wait(3, 0.1), wait(3, 0.2));
});

test("a connection that never opens is given up and tried again", () => {
  made();
  mock.timers.tick(10_000);
  assert.equal(latest().closed, true);
  mock.timers.tick(LONGEST);
  assert.equal(FakeSocket.all.length, 2);
});

test("the network's return needs no waiting", () => {
  const client = made();
  for (let i = 0; i < 9; i += 1) {
    latest().breaks();
    mock.timers.tick(LONGEST);
  }
  latest().breaks();
  client.wake(true);
  assert.equal(client.link, "connecting");
  assert.equal(FakeSocket.all.length, 11);
});

test("who comes back to a connection that looks alive has it tested", () => {
  const client = made();
  latest().open();
  client.wake(false);
  assert.deepEqual(latest().sent, [{ type: "ping" }]);
  latest().says({ type: "pong" });
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.all.length, 1);
  client.wake(false);
  mock.timers.tick(10_000);
  mock.timers.tick(LONGEST);
  assert.equal(FakeSocket.all.length, 2);
});

test("the server says when to come back", () => {
  made();
  latest().open();
  latest().says({ type: "bye", retry: 7 });
  latest().breaks(1001);
  mock.timers.tick(6_999);
  assert.equal(FakeSocket.all.length, 1);
  mock.timers.tick(1);
  assert.equal(FakeSocket.all.length, 2);
});

test("signed out elsewhere is the end", () => {
  const client = made();
  latest().open();
  latest().breaks(4401);
  mock.timers.tick(10 * LONGEST);
  assert.equal(client.link, "out");
  assert.equal(FakeSocket.all.length, 1);
});

test("a refused connection is asked about, and tried again only by who is signed in", async () => {
  const out = made({ signedIn: () => Promise.resolve(false) });
  latest().breaks();
  await Promise.resolve().then(() => undefined).then(() => undefined);
  assert.equal(out.link, "out");

  const inside = made({ signedIn: () => Promise.reject(new Error("no network")) });
  latest().breaks();
  await new Promise((next) => setImmediate(next));
  mock.timers.tick(LONGEST);
  assert.equal(inside.link, "connecting");
});

test("an answer is stopped, also when it was not accepted yet", () => {
  const client = made();
  latest().open();
  const key = client.ask({ text: "?" });
  client.stop(key);
  accept(key);
  assert.deepEqual(latest().sent.at(-1), { type: "stop", answer: ANSWER });
  latest().breaks();
  mock.timers.tick(LONGEST);
  latest().open();
  assert.deepEqual(latest().sent.at(-1), { type: "stop", answer: ANSWER });
});

test("what may not be now is asked again after a while, what may not be at all is told", () => {
  const client = made();
  latest().open();
  const key = client.ask({ text: "?" });
  latest().says({ type: "error", id: key, code: "too_many_answers", message: "Wait.", retry: 5 });
  assert.equal(client.answers.get(key)?.state, "waiting");
  mock.timers.tick(6_000);
  assert.equal(latest().sent.length, 2);
  latest().says({ type: "error", id: key, code: "insufficient_tokens", message: "Buy." });
  assert.equal(client.answers.get(key)?.state, "refused");
  assert.equal(client.answers.get(key)?.code, "insufficient_tokens");
});

test("a reload goes on where it was, to the byte, and an answer that has ended is not kept", () => {
  const kept = storage();
  const before = made({ store: browserStore(kept, "771234567") });
  latest().open();
  const key = before.ask({ text: "?" });
  accept(key);
  latest().says({ a: 1, t: "Zvino " });
  before.close();

  const after = made({ store: browserStore(kept, "771234567") });
  latest().open();
  assert.deepEqual(latest().sent, [{ type: "read", answer: ANSWER, epoch: 1, seq: 1 }]);
  assert.equal(after.answers.get(key)?.text, "Zvino ");
  latest().says({ type: "reading", answer: ANSWER, a: 1, e: 1, s: 1 });
  latest().says({ type: "done", a: 1, cost: 3, balance: 4997, finish: "stop" });
  assert.deepEqual(Object.keys(kept), []);
  assert.deepEqual(browserStore(kept, "somebody else").load(), []);
});

test("frames of types that are not known are ignored", () => {
  const client = made();
  latest().open();
  latest().says({ type: "payment", id: "p", state: "paid" } as never);
  assert.equal(client.link, "open");
});

test("each byte is counted, for its answer and altogether", () => {
  const client = made();
  latest().open();
  const before = client.bytes;
  const key = client.ask({ text: "Mvura?" });
  accept(key);
  latest().says({ a: 1, t: "ñandu" });
  const ask = frameBytes(JSON.stringify({ type: "ask", id: key, text: "Mvura?" }), true);
  const text = frameBytes(JSON.stringify({ a: 1, t: "ñandu" }), false);
  assert.equal(text, 2 + '{"a":1,"t":"ñandu"}'.length + 1);
  assert.ok((client.answers.get(key)?.bytes ?? 0) > ask + text);
  assert.equal(client.bytes - before, client.answers.get(key)?.bytes);
});

test("the data saver is asked for on each connection", () => {
  const client = made({ slow: true });
  latest().open();
  assert.deepEqual(latest().sent, [{ type: "pace", slow: true }]);
  client.pace(false);
  latest().breaks();
  mock.timers.tick(LONGEST);
  latest().open();
  assert.deepEqual(latest().sent, []);
});

test("a page of another site sends its token as a second subprotocol", () => {
  made({ token: "secret" });
  assert.deepEqual(latest().protocols, ["zimgpt.v1", "bearer.secret"]);
});

test("the wallet is what was heard last", () => {
  const client = made();
  latest().open(5000);
  const key = client.ask({ text: "?" });
  accept(key);
  assert.equal(client.wallet?.available, 4890);
  latest().says({ type: "balance", available: 4900, held: 0 });
  assert.deepEqual(client.wallet, { available: 4900, held: 0 });
});

test("a question that follows another waits for its end, and goes into its conversation", () => {
  const kept = storage();
  const before = made({ store: browserStore(kept, "771234567") });
  latest().open();
  const first = before.ask({ text: "one" });
  const second = before.ask({ text: "two" }, first);
  accept(first);
  assert.deepEqual(latest().sent.length, 1);
  before.close();

  const after = made({ store: browserStore(kept, "771234567") });
  latest().open();
  latest().says({ type: "reading", answer: ANSWER, a: 1, e: 1, s: 0 });
  latest().says({ type: "done", a: 1, cost: 3, balance: 4997, finish: "stop" });
  assert.deepEqual(latest().sent.at(-1), {
    type: "ask",
    id: second,
    text: "two",
    conversation: TALK,
  });
  assert.equal(after.answers.get(second)?.conversation, TALK);
});

test("what was asked elsewhere is known, and what was asked here is not taken for it", () => {
  const client = made();
  latest().open();
  const [opened, before] = [client.opened, client.news];
  latest().says({ type: "asked", conversation: "other", answer: "a1" });
  assert.deepEqual(client.elsewhere.get("other"), { type: "asked", conversation: "other", answer: "a1" });
  assert.deepEqual([client.active, client.opened, client.news], ["other", opened, before + 1]);

  const key = client.ask({ text: "Mvura?", conversation: TALK, replaces: "old" });
  latest().says({ type: "replaced", conversation: TALK, answer: "old", by: ANSWER });
  accept(key);
  latest().says({ type: "asked", conversation: TALK, answer: ANSWER });
  assert.equal(client.elsewhere.has(TALK), false);
  assert.equal(client.active, TALK);

  latest().says({ type: "replaced", conversation: TALK, answer: ANSWER, by: "new" });
  assert.equal(client.elsewhere.get(TALK)?.type, "replaced");
});

test("each connection says that something may not have been heard", () => {
  const client = made();
  assert.equal(client.opened, 0);
  latest().open();
  latest().says({ type: "pong" });
  assert.equal(client.opened, 1);
  const before = client.news;
  latest().breaks();
  mock.timers.tick(LONGEST);
  latest().open();
  assert.deepEqual([client.opened, client.news], [2, before + 1]);
});

test("a question that was read as another device's before it was accepted is there once", () => {
  const client = made();
  latest().open();
  const key = client.ask({ text: "Mvura?" });
  latest().says({ type: "asked", conversation: TALK, answer: ANSWER });
  client.read(ANSWER);
  latest().says({ type: "reading", answer: ANSWER, a: 1, e: 1, s: 0 });
  latest().says({ a: 1, t: "Rain " });
  accept(key, 2);
  latest().says({ a: 2, t: "Rain falls." });
  assert.deepEqual([...client.answers.keys()], [key]);
  assert.equal(client.answers.get(key)?.text, "Rain falls.");
});
