import { useEffect, useState, type FormEvent } from "react";
import { reset } from "../lib/conversations";
import { explained } from "../lib/errors";
import { look, usePreferences } from "../lib/preferences";
import { size, useTaken } from "../lib/meter";
import { useSaver } from "../lib/saver";
import { api, changePassword, leave, useSession } from "../lib/session";
import { fresh } from "../lib/talk";
import { useTexts } from "../lib/texts";
import { Password } from "../parts/field";
import { Keys } from "../parts/keys";
import { AnswerLanguage } from "../parts/answer-language";
import { Languages } from "../parts/languages";
import { Later } from "../parts/later";
import { Note } from "../parts/note";
import { Phrase, useWhatsApp } from "../parts/phrase";
import { Sessions } from "../parts/sessions";
import { Shell } from "../parts/shell";

/** A person's account: what they have chosen, where they are signed in, the way out. */
export default function Account() {
  const { t } = useTexts();
  const { person } = useSession();
  return (
    <Shell title={t("menu.account")}>
      <div className="page stack">
        <section className="card">
          <div>
            <h2>{t("account.number")}</h2>
            <p className="figure">{person?.phone}</p>
          </div>
          <Out />
        </section>
        <Settings />
        <Later>
          <Sessions />
          <WhatsApp />
          <Keys />
          <Change />
          <Leave />
        </Later>
      </div>
    </Shell>
  );
}

/** Forgets what this page knows of a person, besides the language. */
function gone(): void {
  reset();
  fresh();
  leave();
}

function Out() {
  const texts = useTexts();
  const { t, language, choose } = texts;
  const [trouble, say] = useState("");
  const out = () => {
    const done = () => {
      gone();
      choose(language); // signing out has cleared what this browser kept
    };
    api.signOut().then(done, (error: unknown) => say(explained(texts, error)));
  };
  return (
    <>
      <button className="button plain" onClick={out}>
        {t("account.out")}
      </button>
      {trouble && <Note tone="bad">{trouble}</Note>}
    </>
  );
}

function Settings() {
  const { t } = useTexts();
  const [saver, save] = useSaver();
  return (
    <section className="card">
      <h2>{t("account.settings")}</h2>
      <div className="stack close">
        <p className="label">{t("welcome.language")}</p>
        <Languages />
      </div>
      <AnswerLanguage />
      <label className="switch">
        <span>
          <span className="label">{t("account.saver")}</span>
          <br />
          <span className="soft small-text">{t("account.saver.hint")}</span>
        </span>
        <input type="checkbox" role="switch" checked={saver} onChange={(event) => save(event.target.checked)} />
      </label>
      <div className="row apart">
        <span>
          <span className="label">{t("account.data")}</span>
          <br />
          <span className="soft small-text">{t("account.data.hint")}</span>
        </span>
        <strong className="figure">{size(useTaken())}</strong>
      </div>
    </section>
  );
}

function WhatsApp() {
  const { t } = useTexts();
  const { person } = useSession();
  const linked = usePreferences()?.whatsapp;
  if (!useWhatsApp()) return null;
  const again = () => void (person && look(person.session).catch(() => undefined));
  return (
    <section className="card">
      <h2>{t("account.whatsapp")}</h2>
      {linked ? (
        <Note tone="good">
          {linked.phone ? t("account.whatsapp.number", { phone: linked.phone }) : t("account.whatsapp.linked")}
        </Note>
      ) : (
        <>
          <p className="soft">{t("account.whatsapp.body")}</p>
          <Phrase purpose="link" onProved={again} />
        </>
      )}
    </section>
  );
}

function Change() {
  const texts = useTexts();
  const { t } = texts;
  const [said, say] = useState<{ tone: "good" | "bad"; text: string }>();
  const [round, next] = useState(0);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [current, password] = [String(form.get("current")), String(form.get("password"))];
    changePassword(current, password).then(
      () => {
        say({ tone: "good", text: t("account.password.done") });
        next(round + 1);
      },
      (error: unknown) => say({ tone: "bad", text: explained(texts, error) }),
    );
  };
  return (
    <section className="card">
      <h2>{t("account.password")}</h2>
      <form className="stack" key={round} onSubmit={submit}>
        <Password fresh={false} name="current" label={t("account.password.current")} />
        <Password fresh label={t("account.password.new")} />
        <button className="button plain">{t("account.password.change")}</button>
      </form>
      {said && <Note tone={said.tone}>{said.text}</Note>}
    </section>
  );
}

function Leave() {
  const texts = useTexts();
  const { t } = texts;
  const [certain, ask] = useState(false);
  const [trouble, say] = useState("");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password"));
    api.leave(password).then(gone, (error: unknown) => say(explained(texts, error)));
  };
  useEffect(() => say(""), [certain]);
  return (
    <section className="card">
      <h2>{t("account.leave")}</h2>
      <p className="soft">{t("account.leave.body")}</p>
      {certain ? (
        <form className="stack" onSubmit={submit}>
          <Password fresh={false} optional />
          {trouble && <Note tone="bad">{trouble}</Note>}
          <button className="button danger">{t("account.leave.yes")}</button>
          <button type="button" className="button quiet" onClick={() => ask(false)}>
            {t("shell.cancel")}
          </button>
        </form>
      ) : (
        <button className="button danger" onClick={() => ask(true)}>
          {t("account.leave")}
        </button>
      )}
    </section>
  );
}
