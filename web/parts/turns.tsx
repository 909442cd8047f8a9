/** What was said: the latest at the end, older ones above when they are wanted. */

import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { explained } from "../lib/errors";
import { painted } from "../lib/painted";
import { older, retry, type Line, type Talk } from "../lib/talk";
import { useTexts } from "../lib/texts";
import { Bones } from "./shell";
import { Start } from "./start";
import { TurnView } from "./turn";

interface TurnsProps {
  talk: Talk;
  lines: Line[];
  busy: boolean;
  onPick: (text: string) => void;
  onAgain: (line: Line) => void;
  onEdit: (line: Line) => void;
}

export function Turns({ talk, lines, busy, onPick, onAgain, onEdit }: TurnsProps) {
  const texts = useTexts();
  const { t } = texts;
  const drawn = useDrawn(lines);
  const whole = drawn.length === lines.length;
  const place = useScroll(drawn);
  const top = useTop(whole);
  if (talk.state === "ready" && lines.length === 0) {
    return <Start onPick={onPick} />;
  }
  return (
    <div className="turns" ref={place} aria-busy={talk.state === "loading"}>
      <div ref={top} className="turns-top" />
      {talk.state === "loading" && <Bones />}
      {talk.state === "failed" && (
        <div className="empty" role="status">
          <p>{explained(texts, talk.error)}</p>
          <button className="button plain" onClick={() => void retry()}>
            {t("shell.again")}
          </button>
        </div>
      )}
      {talk.state === "ready" && talk.more && whole && (
        <button className="button quiet older" onClick={() => void older()}>
          {t("chat.older")}
        </button>
      )}
      {drawn.map((line) => (
        <TurnView key={line.key} line={line} busy={busy} onAgain={onAgain} onEdit={onEdit} />
      ))}
    </div>
  );
}

/** Turns of the first frame, about a phone's screenful, and of each frame after it. */
const FIRST = 2;
const STEP = 6;

/** The end at once, what is above it in the frames that follow: a touch is answered between. */
function useDrawn(lines: Line[]): Line[] {
  const [top, draw] = useState<string>();
  const known = lines.findIndex(({ key }) => key === top);
  const above = known < 0 ? lines.length - FIRST : known;
  const from = above > FIRST ? above : 0; // a few come at once
  const next = lines[Math.max(0, from - STEP)]?.key;
  useEffect(() => {
    if (next) painted(() => draw(next));
  }, [next]);
  return from > 0 ? lines.slice(from) : lines;
}

/** Pixels from the end within which a reader is taken to read the end. */
const NEAR = 120;

/**
 * Stays at the end while the end is being read, and at the same words when older ones
 * come in above them.
 */
function useScroll(lines: Line[]) {
  const ref = useRef<HTMLDivElement>(null);
  const near = useRef(true);
  const first = useRef<{ key: string | undefined; height: number }>({ key: undefined, height: 0 });
  const before = useRef<{ count: number; last: string | undefined }>({ count: 0, last: undefined });
  useEffect(() => {
    const look = () => {
      const page = document.documentElement;
      near.current = page.scrollHeight - innerHeight - scrollY < NEAR;
    };
    addEventListener("scroll", look, { passive: true });
    return () => removeEventListener("scroll", look);
  }, []);
  useLayoutEffect(() => {
    const page = document.documentElement;
    const [top] = lines;
    const older = first.current.key !== undefined && top?.key !== first.current.key;
    const last = lines.at(-1)?.key;
    const asked = last !== before.current.last && !older;
    if (older && before.current.count < lines.length && !near.current) {
      scrollBy({ top: page.scrollHeight - first.current.height, behavior: "instant" });
    } else if (near.current || asked) {
      scrollTo({ top: page.scrollHeight, behavior: "instant" });
    }
    first.current = { key: top?.key, height: page.scrollHeight };
    before.current = { count: lines.length, last };
  });
  return ref;
}

/** Asks for older turns before their place comes into view, once all that are here are drawn. */
function useTop(whole: boolean) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (ref.current === null || !whole) return;
    const watcher = new IntersectionObserver(
      ([seen]) => {
        if (seen?.isIntersecting && scrollY > 0) void older();
      },
      { rootMargin: "400px 0px 0px" },
    );
    watcher.observe(ref.current);
    return () => watcher.disconnect();
  });
  return ref;
}
