import { useTexts } from "../lib/texts";
import { Icon } from "./icon";

/** Hands a text to another app; where the browser cannot, it is copied instead. */
export function Share({ text }: { text: string }) {
  const { t } = useTexts();
  const share = () => void give(text);
  return (
    <button className="icon-button" onClick={share} aria-label={t("chat.share")}>
      <Icon of="share" small />
    </button>
  );
}

export async function give(text: string): Promise<void> {
  try {
    if (typeof navigator.share === "function") await navigator.share({ text });
    else await navigator.clipboard.writeText(text);
  } catch {
    // The person has thought better of it.
  }
}
