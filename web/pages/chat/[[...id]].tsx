import { Shell } from "../../parts/shell";
import { useTexts } from "../../lib/texts";

/** A conversation. */
export default function Chat() {
  const { t } = useTexts();
  return (
    <Shell title={t("menu.new")} full>
      <div className="page" />
    </Shell>
  );
}
