/** The transcripts of docs/reference/protocol.md, which the server's tests drive too. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { asked, found, hear, hearing, type Hearing } from "../answers.js";
import { Client, type Options } from "../client.js";
import type { Frame } from "../frames.js";
import { FakeSocket, latest } from "./socket.js";

const PAGE = readFileSync("../docs/reference/protocol.md", "utf8");
const FIRST = "0194f0c0-0000-4000-8000-000000000001";
const SECOND = "0194f0c0-0000-4000-8000-000000000002";

/** The first transcript below a heading, driven through a client that asked for it. */
function driven(heading: string): Hearing {
  const [transcript = ""] = (PAGE.split(heading)[1] ?? "").split("```transcript\n")[1]?.split("```") ?? [];
  const memory = hearing();
  for (const line of transcript.split("\n").filter((one) => one.startsWith("<-"))) {
    const frame = JSON.parse(line.slice(2)) as Frame;
    if (frame.type === "accepted") memory.answers.set(frame.id, asked({ type: "ask", id: frame.id, text: "?" }));
    if (frame.type === "reading" && !memory.answers.has(frame.answer)) {
      memory.answers.set(frame.answer, found(frame.answer));
    }
    hear(memory, frame);
  }
  return memory;
}

function texts(memory: Hearing): Record<string, [number, number, string]> {
  const all = [...memory.answers.values()];
  return Object.fromEntries(all.map((one) => [one.answer ?? "", [one.epoch, one.seq, one.text]]));
}

test("text frames that leave out what is known are put together", () => {
  assert.deepEqual(texts(driven("## The text frame")), {
    [FIRST]: [1, 6, "One two three four five six"],
    [SECOND]: [1, 2, "Poshi piri "],
  });
});

test("an answer that is read on is whole, and there once", () => {
  const memory = driven("## Resuming");
  assert.deepEqual(texts(memory), {
    [FIRST]: [1, 8, "The rain falls on the dry fields of Gwanda."],
  });
  assert.equal(memory.answers.get(FIRST)?.state, "done");
  assert.equal(memory.answers.get(FIRST)?.cost, 31);
});

test("what a dead attempt wrote is forgotten", () => {
  assert.deepEqual(texts(driven("## Resets")), {
    [FIRST]: [2, 2, "Long ago, in Great Zimbabwe…"],
  });
});

test("an answer from question to cost", () => {
  const [one] = driven("## Asking").answers.values();
  assert.equal(one?.text, "Rain is *mvura*, the word for water; *kunaya kwemvura* is rainfall.");
  assert.deepEqual([one.state, one.cost, one.finish, one.hold], ["done", 88, "stop", 1090]);
});

test("what another device has asked is heard of, and read", () => {
  const part = PAGE.split("## On other devices")[1]?.split("\n## ")[0] ?? "";
  const lines = part.split("\n").filter((line) => /^(<-|->) /.test(line));
  const WebSocket = FakeSocket as unknown as NonNullable<Options["WebSocket"]>;
  const client = new Client({ url: "wss://zimgpt.example/ws", WebSocket });
  client.connect();
  latest().open();
  for (const line of lines) {
    if (line.startsWith("<-")) {
      latest().says(JSON.parse(line.slice(2)) as Frame);
      continue;
    }
    const [news] = client.elsewhere.values();
    assert.ok(news?.type === "asked");
    client.read(news.answer);
    const { type, answer } = JSON.parse(line.slice(2)) as { type: "read"; answer: string };
    assert.deepEqual(latest().sent.at(-1), { type, answer, epoch: 0, seq: 0 });
  }
  assert.deepEqual([...client.answers.values()].map((one) => one.text), ["Rain is "]);
  client.close();
});
