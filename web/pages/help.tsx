import { Shell } from "../parts/shell";
import { useTexts, type Key } from "../lib/texts";

const CHAPTERS: [Key, Key][] = [
  ["help.ask.title", "help.ask.body"],
  ["help.tokens.title", "help.tokens.body"],
  ["help.network.title", "help.network.body"],
  ["help.data.title", "help.data.body"],
  ["help.safe.title", "help.safe.body"],
  ["help.truth.title", "welcome.truth.body"],
];

/** What people ask about the app itself. */
export default function Help() {
  const { t } = useTexts();
  return (
    <Shell title={t("menu.help")} open>
      <div className="page stack far">
        {CHAPTERS.map(([title, body]) => (
          <section key={title} className="stack close">
            <h2>{t(title)}</h2>
            <p>{t(body)}</p>
          </section>
        ))}
      </div>
    </Shell>
  );
}
