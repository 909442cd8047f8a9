import { Languages } from "../parts/languages";
import { Link } from "../parts/link";
import { Shell } from "../parts/shell";
import { usePrices } from "../lib/prices";
import { useSession } from "../lib/session";
import { useTexts, type Key } from "../lib/texts";

const PROMISES: [Key, Key][] = [
  ["welcome.lost.title", "welcome.lost.body"],
  ["welcome.data.title", "welcome.data.body"],
  ["welcome.truth.title", "welcome.truth.body"],
];

/** What this is, what it costs, and the way in. */
export default function Welcome() {
  const { t } = useTexts();
  const inside = useSession().status === "in";
  return (
    <Shell title="ZimGPT" open>
      <div className="page stack far welcome">
        <section className="hero">
          <h2 className="hero-title">{t("welcome.title")}</h2>
          <p className="lead">{t("welcome.lead")}</p>
          <div className="row">
            {inside ? (
              <Link className="button" href="/chat">
                {t("welcome.continue")}
              </Link>
            ) : (
              <>
                <Link className="button" href="/enter?new">
                  {t("welcome.start")}
                </Link>
                <Link className="button plain" href="/enter">
                  {t("enter.sign_in")}
                </Link>
              </>
            )}
          </div>
          <Languages />
        </section>
        <hr className="chevrons" />
        <section className="promises">
          {PROMISES.map(([title, body]) => (
            <div key={title} className="promise">
              <h3>{t(title)}</h3>
              <p className="soft">{t(body)}</p>
            </div>
          ))}
        </section>
        <Prices />
      </div>
    </Shell>
  );
}

function Prices() {
  const { t } = useTexts();
  const guide = usePrices();
  return (
    <section className="card" aria-busy={guide === undefined}>
      <h2>{t("welcome.prices")}</h2>
      <p className="soft">{t("welcome.prices.body")}</p>
      <dl className="price-lines">
        <Line name="welcome.price.question" tokens={guide?.question} />
        <Line name="welcome.price.essay" tokens={guide?.essay} />
      </dl>
      {guide && <p className="soft small-text">{t("welcome.price.model", { model: guide.label })}</p>}
    </section>
  );
}

function Line({ name, tokens }: { name: Key; tokens: number | undefined }) {
  const { t } = useTexts();
  return (
    <div>
      <dt>{t(name)}</dt>
      <dd className="figure">{tokens === undefined ? "…" : t("welcome.price.tokens", { tokens })}</dd>
    </div>
  );
}
