import type { ReactNode } from "react";
import { Icon, type Drawing } from "./icon";

type Tone = "plain" | "good" | "warn" | "bad";

const DRAWINGS: Record<Tone, Drawing> = {
  plain: "help",
  good: "check",
  warn: "warn",
  bad: "warn",
};

/** A sentence that matters; what appears later is read aloud, trouble at once. */
export function Note({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <div className={`note ${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <Icon of={DRAWINGS[tone]} />
      <div>{children}</div>
    </div>
  );
}
