/** What is read aloud to who cannot see: that an answer is written, and then the answer. */

import { useEffect, useRef, useState } from "react";
import type { Line } from "../lib/talk";
import { useTexts } from "../lib/texts";
import { over } from "../lib/zimgpt/index.js";

/** Characters of an answer that are read aloud at once; longer ones are gone to. */
const SHORT = 600;

export function Announcer({ lines }: { lines: Line[] }) {
  const { t } = useTexts();
  const [said, say] = useState("");
  const told = useRef(new Map<string, string>());
  const last = lines.findLast(({ answer }) => answer)?.answer;
  const state = last && (over(last) ? "over" : last.text ? "writing" : "waiting");
  useEffect(() => {
    if (last === undefined || state === undefined || told.current.get(last.key) === state) return;
    const first = !told.current.has(last.key);
    told.current.set(last.key, state);
    if (state === "writing") say(t("chat.writing"));
    if (state !== "over" || first) return;
    const cost = last.cost ? t("chat.cost", { tokens: last.cost }) : "";
    say(`${last.text.length <= SHORT ? last.text : t("chat.ended")} ${cost}`);
  }, [last, state, t]);
  return (
    <div className="unseen" role="log" aria-live="polite">
      {said}
    </div>
  );
}
