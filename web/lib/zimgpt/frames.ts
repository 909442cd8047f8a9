/** Frames of `zimgpt.v1`, as docs/reference/protocol.md has them. */

import type { Brief } from "./essays.js";
import type { Payment } from "./payments.js";

export type Kind = "chat" | "essay";

export interface Ask {
  type: "ask";
  id: string;
  text: string;
  kind?: Kind;
  conversation?: string;
  max_tokens?: number;
  brief?: Brief;
  /** The answer of a turn of the conversation whose place this takes, with all after it. */
  replaces?: string;
}

export type Request =
  | Ask
  | { type: "read"; answer: string; epoch?: number; seq?: number }
  | { type: "stop"; answer: string }
  | { type: "pace"; slow: boolean }
  | { type: "ping" };

export interface Accepted {
  type: "accepted";
  id: string;
  answer: string;
  a: number;
  e: number;
  conversation: string;
  max_tokens: number;
  hold: number;
  balance: number;
  note?: string;
}

export interface Reading {
  type: "reading";
  answer: string;
  a: number;
  e: number;
  s: number;
}

export interface Text {
  type?: undefined;
  a?: number;
  s?: number;
  t: string;
}

export interface Reset {
  type: "reset";
  a: number;
  e: number;
}

export interface Done {
  type: "done";
  a: number;
  cost: number;
  balance: number;
  finish: string;
  note?: string;
  words?: number;
}

export interface Failed {
  type: "failed";
  a: number;
  reason: string;
  message: string;
  refunded: number;
  balance: number;
}

export interface Refused {
  type: "error";
  id?: string;
  code: string;
  message: string;
  retry?: number;
}

/** A question was asked on another device: its words and its answer can be read. */
export interface Asked {
  type: "asked";
  conversation: string;
  answer: string;
}

/** Another question has taken the place of a turn, and of all that came after it. */
export interface Replaced {
  type: "replaced";
  conversation: string;
  answer: string;
  by: string;
}

export type Frame =
  | Accepted
  | Reading
  | Text
  | Reset
  | Done
  | Failed
  | Refused
  | Asked
  | Replaced
  | { type: "pong" }
  | { type: "balance"; available: number; held: number }
  | ({ type: "payment" } & Payment)
  | { type: "bye"; retry: number };

/** A frame of text; of unknown types it says nothing, so that they can be ignored. */
export function isText(frame: Frame): frame is Text {
  return typeof (frame as Text).t === "string" && frame.type === undefined;
}
