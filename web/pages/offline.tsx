import { Shell } from "../parts/shell";
import { useTexts } from "../lib/texts";

/** Shown for an address that is not on this phone while there is no network. */
export default function Offline() {
  const { t } = useTexts();
  return (
    <Shell title={t("link.offline")} open>
      <div className="page empty">
        <h2>{t("link.offline")}</h2>
        <p>{t("error.offline")}</p>
        <button className="button" onClick={() => location.reload()}>
          {t("shell.again")}
        </button>
      </div>
    </Shell>
  );
}
