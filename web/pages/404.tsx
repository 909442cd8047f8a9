import { Link } from "../parts/link";
import { Shell } from "../parts/shell";
import { useTexts } from "../lib/texts";

/** An address that leads nowhere. */
export default function Lost() {
  const { t } = useTexts();
  return (
    <Shell title={t("shell.lost.title")} open>
      <div className="page empty">
        <h2>{t("shell.lost.title")}</h2>
        <p>{t("shell.lost.body")}</p>
        <Link className="button" href="/">
          {t("shell.lost.home")}
        </Link>
      </div>
    </Shell>
  );
}
