/** Which day, week or month is shown, and the way to another. */

import { useRouter } from "next/router";
import { stretchName, today, type Span } from "../../lib/admin/statistics";
import { Icon } from "../icon";

const SPANS: [Span, string][] = [
  ["day", "Day"],
  ["week", "Week"],
  ["month", "Month"],
];

export interface Chosen {
  span: Span;
  /** Any day of it; nothing is today. */
  day: string;
}

/** What the address says. */
export function useChosen(): [Chosen, (chosen: Chosen) => void] {
  const router = useRouter();
  const { span, day } = router.query;
  const chosen: Chosen = {
    span: span === "day" || span === "week" ? span : "month",
    day: typeof day === "string" ? day : "",
  };
  const choose = (next: Chosen) =>
    void router.replace({ pathname: router.pathname, query: { span: next.span, ...(next.day && { day: next.day }) } }, undefined, {
      shallow: true,
      scroll: false,
    });
  return [chosen, choose];
}

interface StretchProps {
  chosen: Chosen;
  choose: (chosen: Chosen) => void;
  /** Days of the stretch that is shown, as soon as they are known. */
  shown: { first: string; next: string; previous: string } | undefined;
  again: () => void;
}

export function StretchBar({ chosen, choose, shown, again }: StretchProps) {
  const { span } = chosen;
  const last = shown !== undefined && shown.next > today();
  return (
    <div className="stretch">
      <div className="segments" role="radiogroup" aria-label="How much time">
        {SPANS.map(([one, name]) => (
          <label key={one} className="segment">
            <input type="radio" name="span" value={one} checked={span === one} onChange={() => choose({ span: one, day: chosen.day })} />
            <span>{name}</span>
          </label>
        ))}
      </div>
      <div className="turning">
        <button className="icon-button" aria-label="Before" disabled={!shown} onClick={() => shown && choose({ span, day: shown.previous })}>
          <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d="m15 5-7 7 7 7" />
          </svg>
        </button>
        <strong className="stretch-name" aria-live="polite">
          {shown ? stretchName(span, shown.first) : "…"}
        </strong>
        <button className="icon-button" aria-label="After" disabled={!shown || last} onClick={() => shown && choose({ span, day: shown.next })}>
          <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d="m9 5 7 7-7 7" />
          </svg>
        </button>
      </div>
      <div className="row ends">
        {!last && (
          <button className="button quiet" onClick={() => choose({ span, day: "" })}>
            Today
          </button>
        )}
        <button className="icon-button" aria-label="Look again" title="Look again" onClick={again}>
          <Icon of="again" />
        </button>
      </div>
    </div>
  );
}
