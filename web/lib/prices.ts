/** What a question costs, about: the measures are those of WhatsApp's menu. */

import { useEffect, useState } from "react";
import { api } from "./session";
import type { Price } from "./zimgpt/index.js";

/** Model tokens of a usual question, with what a chat remembers, and of 800 words. */
const QUESTION = { prompt: 400, completion: 400 };
const ESSAY = { prompt: 150, completion: 1_600 };

export interface Guide {
  label: string;
  question: number;
  essay: number;
}

function cost(price: Price, { prompt, completion }: typeof QUESTION): number {
  return Math.ceil((price.prompt_millis * prompt + price.completion_millis * completion) / 1000);
}

/** The dearest of the models that may answer; undefined until it is known. */
export function usePrices(): Guide | undefined {
  const [guide, know] = useState<Guide>();
  useEffect(() => {
    const told = ({ models }: { models: Price[] }) => {
      const all = models.map((one) => ({
        label: one.label,
        question: cost(one, QUESTION),
        essay: cost(one, ESSAY),
      }));
      const [first] = all.sort((a, b) => b.question - a.question);
      if (first) know(first);
    };
    api.prices().then(told, () => undefined);
  }, []);
  return guide;
}
