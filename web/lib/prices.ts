/** What a question and an essay cost, about. */

import { useEffect, useState } from "react";
import { api } from "./session";
import type { Price } from "./zimgpt/index.js";

export interface Guide {
  label: string;
  question: number;
  essay: number;
}

/** The dearest of the models that may answer; undefined until it is known. */
export function usePrices(): Guide | undefined {
  const [guide, know] = useState<Guide>();
  useEffect(() => {
    const told = ({ models }: { models: Price[] }) => {
      const [first] = models.sort((a, b) => b.question - a.question);
      if (first) know(first);
    };
    api.prices().then(told, () => undefined);
  }, []);
  return guide;
}
