/** Essays by a brief (docs/reference/protocol.md). */

import type { Turn } from "./api.js";

export type Level =
  | "zimsec_o"
  | "zimsec_a"
  | "cambridge_o"
  | "cambridge_a"
  | "university"
  | "general";

export interface Section {
  heading: string;
  points?: string[];
  words?: number;
}

export interface Brief {
  level: Level;
  words: number;
  style?: "none" | "harvard" | "apa" | "mla";
  language?: "en" | "sn" | "nd";
  points?: string[];
  outline?: Section[];
  step?: "essay" | "outline";
}

/** What it costs, in tokens: `most` at most, `usual` usually. */
export interface EssayPrice {
  most: number;
  usual: number;
  page: number;
  balance: number;
  enough: boolean;
  /** The longest such essay that the balance covers, in words; 0: none. */
  covered: number;
  words: number;
  pages: number;
}

export interface EssayOrder {
  answer: string;
  conversation: string;
  text: string;
  brief: Brief;
  outline: Section[];
  state: Turn["state"];
  cost: number;
  words?: number;
}
