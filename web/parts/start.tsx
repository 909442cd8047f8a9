import { useTexts, type Key } from "../lib/texts";

const IDEAS: Key[] = ["chat.idea.school", "chat.idea.letter", "chat.idea.trade"];

/** A conversation in which nothing was asked yet: what it is for, by example. */
export function Start({ onPick }: { onPick: (text: string) => void }) {
  const { t } = useTexts();
  return (
    <div className="start">
      <img src="/icon.svg" alt="" width="56" height="56" />
      <h2>{t("chat.start")}</h2>
      <p className="soft">{t("chat.start.body")}</p>
      <ul className="ideas">
        {IDEAS.map((idea) => (
          <li key={idea}>
            <button className="button plain" onClick={() => onPick(t(idea))}>
              {t(idea)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
