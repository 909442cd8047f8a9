import { useEffect, useState } from "react";
import { useClient } from "../lib/session";
import { useTexts } from "../lib/texts";

/** Milliseconds that a connection may be away before it is worth a word. */
const PATIENCE = 1_500;

/** Nothing while all is well; a small word when the connection is away. */
export function LinkMark() {
  const { t } = useTexts();
  const client = useClient();
  const away = client !== undefined && client.link !== "open" && client.link !== "shut";
  const [shown, show] = useState(false);
  useEffect(() => {
    if (!away) return show(false);
    const later = setTimeout(() => show(true), PATIENCE);
    return () => clearTimeout(later);
  }, [away]);
  const offline = typeof navigator !== "undefined" && !navigator.onLine;
  return (
    <span role="status" className="link-place">
      {shown && away && (
        <span className={offline ? "link-mark away" : "link-mark"}>
          {t(offline ? "link.offline" : "link.connecting")}
        </span>
      )}
    </span>
  );
}
