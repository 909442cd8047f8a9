/** The operator's words above a page, until they are hidden. */

import { hide, useNotice } from "../lib/notices";
import { useTexts } from "../lib/texts";
import { Icon } from "./icon";

export function NoticeBar() {
  const { t, language } = useTexts();
  const notice = useNotice();
  if (notice === undefined) return null;
  const own = notice.texts[language];
  return (
    <aside className="notice" aria-label={t("notice.title")}>
      <Icon of="chat" small />
      <p lang={own === undefined ? "en" : language}>{own ?? notice.texts.en}</p>
      <button className="icon-button" onClick={() => hide(notice)} aria-label={t("notice.hide")}>
        <Icon of="close" small />
      </button>
    </aside>
  );
}
