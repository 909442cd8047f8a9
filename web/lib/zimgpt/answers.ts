/**
 * What a client keeps of each answer, and how frames change it: pure, without I/O.
 *
 * An answer is replaced, never changed, so that whoever shows it sees a new value.
 */

import { isText, type Accepted, type Ask, type Frame, type Reading } from "./frames.js";

/**
 * `waiting`: the server has not confirmed the question yet; `writing`: it is safe, and
 * its text is on the way; `done`, `failed` and `refused` are ends.
 */
export type State = "waiting" | "writing" | "done" | "failed" | "refused";

export interface Answer {
  /** Our own name of it: the `id` of its `ask`, or the answer's id if only read. */
  readonly key: string;
  readonly state: State;
  readonly text: string;
  readonly epoch: number;
  readonly seq: number;
  /** What was asked; missing where an answer of another device is read. */
  readonly ask?: Ask;
  readonly answer?: string;
  readonly conversation?: string;
  /** Tokens set aside, the most it can cost. */
  readonly hold?: number;
  readonly cost?: number;
  readonly finish?: string;
  /** Words of an essay by a brief, as the server counts them. */
  readonly words?: number;
  /** A sentence to show, in English; `code` names it for other languages. */
  readonly note?: string;
  readonly code?: string;
  /** The key of the question before it in its conversation: it goes when that is over. */
  readonly after?: string;
  /** The person wants it to end. */
  readonly stopped?: boolean;
  /** Bytes of data that its frames took, both ways. */
  readonly bytes: number;
}

/** All answers by key, and the memory of one connection. */
export interface Hearing {
  readonly answers: Map<string, Answer>;
  readonly here: Map<number, string>;
  last: number | undefined;
}

export function hearing(answers: Map<string, Answer> = new Map()): Hearing {
  return { answers, here: new Map(), last: undefined };
}

/** Numbers and the memory of the last text belong to one connection. */
export function connected(memory: Hearing): void {
  memory.here.clear();
  memory.last = undefined;
}

export function asked(ask: Ask, after?: string): Answer {
  return {
    key: ask.id,
    ask,
    state: "waiting",
    text: "",
    epoch: 0,
    seq: 0,
    bytes: 0,
    ...(ask.conversation === undefined ? {} : { conversation: ask.conversation }),
    ...(after === undefined ? {} : { after }),
  };
}

/** A question whose turn has come: it goes on in the conversation of the one before. */
export function following(one: Answer, first: Answer | undefined): Answer {
  const { after: _after, ...rest } = one;
  const conversation = rest.conversation ?? first?.conversation;
  if (rest.ask === undefined || conversation === undefined) return rest;
  return { ...rest, conversation, ask: { ...rest.ask, conversation } };
}

export function found(answer: string): Answer {
  return { key: answer, answer, state: "writing", text: "", epoch: 0, seq: 0, bytes: 0 };
}

export function over(answer: Answer): boolean {
  return answer.state !== "waiting" && answer.state !== "writing";
}

/** Takes one frame of `bytes`; returns the key of the answer it changed, if any. */
export function hear(memory: Hearing, frame: Frame, bytes = 0): string | undefined {
  const key = keyOf(memory, frame);
  const before = key === undefined ? undefined : memory.answers.get(key);
  if (before === undefined) return undefined;
  const after = changed(before, frame);
  memory.answers.set(before.key, { ...after, bytes: after.bytes + bytes });
  return before.key;
}

/** Whose frame it is; also notes numbers and the last text. */
function keyOf(memory: Hearing, frame: Frame): string | undefined {
  if (isText(frame)) {
    memory.last = frame.a ?? memory.last;
    return memory.last === undefined ? undefined : memory.here.get(memory.last);
  }
  switch (frame.type) {
    case "accepted":
      return numbered(memory, frame, memory.answers.has(frame.id) ? frame.id : undefined);
    case "reading":
      return numbered(memory, frame, named(memory, frame.answer));
    case "error":
      return frame.id === undefined ? undefined : named(memory, frame.id);
    case "reset":
    case "done":
    case "failed":
      return memory.here.get(frame.a);
    default:
      return undefined;
  }
}

function numbered(memory: Hearing, frame: Accepted | Reading, key?: string) {
  if (key === undefined) return undefined;
  for (const [number, other] of memory.here) if (other === key) memory.here.delete(number);
  memory.here.set(frame.a, key);
  return key;
}

function named(memory: Hearing, id: string): string | undefined {
  if (memory.answers.has(id)) return id;
  for (const [key, one] of memory.answers) if (one.answer === id) return key;
  return undefined;
}

function changed(one: Answer, frame: Frame): Answer {
  if (isText(frame)) {
    return { ...one, seq: frame.s ?? one.seq + 1, text: one.text + frame.t };
  }
  switch (frame.type) {
    case "accepted":
      return placed(
        {
          ...one,
          state: "writing",
          answer: frame.answer,
          conversation: frame.conversation,
          hold: frame.hold,
          ...(frame.note === undefined ? {} : { note: frame.note }),
        },
        frame.e,
        0,
      );
    case "reading":
      return placed({ ...one, state: "writing" }, frame.e, frame.s);
    case "reset":
      return { ...one, epoch: frame.e, seq: 0, text: "" };
    case "done":
      return {
        ...plain(one),
        state: "done",
        cost: frame.cost,
        finish: frame.finish,
        ...(frame.note === undefined ? {} : { note: frame.note }),
        ...(frame.words === undefined ? {} : { words: frame.words }),
      };
    case "failed":
      return { ...plain(one), state: "failed", cost: 0, note: frame.message, code: frame.reason };
    case "error":
      return { ...one, state: "refused", note: frame.message, code: frame.code };
    default:
      return one;
  }
}

/** At a position: text that was there before it is kept, any other forgotten. */
function placed(one: Answer, epoch: number, seq: number): Answer {
  if (one.epoch === epoch && one.seq === seq) return one;
  return { ...one, epoch, seq, text: "" };
}

/** Without the sentence that went with its beginning. */
function plain(one: Answer): Answer {
  const { note: _note, code: _code, ...rest } = one;
  return rest;
}
