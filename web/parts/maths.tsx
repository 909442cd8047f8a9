/** A formula, drawn by the browser itself (MathML); as it was written until then. */

import { useEffect, useRef, useState } from "react";
import { saving } from "../lib/saver";
import { useTexts } from "../lib/texts";

interface MathsProps {
  tex: string;
  display: boolean;
}

let loaded = false;

export function Maths({ tex, display }: MathsProps) {
  const { t } = useTexts();
  const place = useRef<HTMLSpanElement>(null);
  const [wanted, want] = useState(loaded || !saving());
  const [drawn, set] = useState(false);
  useEffect(() => {
    if (!wanted) return;
    let gone = false;
    void import("temml").then(
      ({ default: temml }) => {
        loaded = true;
        if (gone || place.current === null) return;
        try {
          temml.render(tex, place.current, { displayMode: display, throwOnError: true });
          set(true);
        } catch {
          // Half a formula while it is being written, or none at all: as it stands.
        }
      },
      () => undefined,
    );
    return () => void (gone = true);
  }, [tex, display, wanted]);
  return (
    <span className={display ? "formula display" : "formula"}>
      <span ref={place} tabIndex={display ? 0 : undefined} />
      {!drawn && <code>{tex}</code>}
      {!wanted && (
        <button className="button quiet small-text" onClick={() => want(true)}>
          {t("chat.formula")}
        </button>
      )}
    </span>
  );
}
