import { useEffect, useState } from "react";
import { useTexts } from "../lib/texts";
import { Icon } from "./icon";

/** Milliseconds for which it says that it was done. */
const SAID = 2_000;

/** Puts a text on the clipboard, and says so. */
export function Copy({ text }: { text: string }) {
  const { t } = useTexts();
  const [done, set] = useState(false);
  useEffect(() => {
    if (!done) return;
    const later = setTimeout(() => set(false), SAID);
    return () => clearTimeout(later);
  }, [done]);
  const copy = () => void navigator.clipboard.writeText(text).then(() => set(true), () => undefined);
  return (
    <button className="icon-button" onClick={copy} aria-label={t(done ? "chat.copied" : "chat.copy")}>
      <Icon of={done ? "check" : "copy"} small />
      <span role="status" className="unseen">
        {done && t("chat.copied")}
      </span>
    </button>
  );
}
