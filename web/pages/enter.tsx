import { useRouter } from "next/router";
import { useEffect, useState, type FormEvent } from "react";
import { useAlive } from "../lib/alive";
import { explained } from "../lib/errors";
import { named } from "../lib/naming";
import { api, entered, useSession } from "../lib/session";
import { useTexts } from "../lib/texts";
import { Field, Password } from "../parts/field";
import { Forgotten } from "../parts/forgotten";
import { Note } from "../parts/note";
import { Shell } from "../parts/shell";
import { Phrase } from "../parts/phrase";

/** Signing in and up, by number and password or from WhatsApp. */
export default function Enter() {
  const { t } = useTexts();
  const { status } = useSession();
  const router = useRouter();
  const fresh = "new" in router.query;
  useEffect(() => {
    if (status === "in") void router.replace(place(router.query.to));
  }, [status, router]);
  return (
    <Shell title={t(fresh ? "enter.sign_up" : "enter.sign_in")} open>
      <div className="page stack enter">
        <h2 className="big">{t(fresh ? "enter.title.up" : "enter.title.in")}</h2>
        <Form fresh={fresh} />
        <button
          className="button quiet wide"
          onClick={() => void router.replace(fresh ? "/enter" : "/enter?new")}
        >
          {t(fresh ? "enter.to_in" : "enter.to_up")}
        </button>
        <Phrase purpose="sign_in" />
        {!fresh && <Forgotten />}
      </div>
    </Shell>
  );
}

/** Where to go from the door: a place of ours, never another site. */
function place(wanted: string | string[] | undefined): string {
  return typeof wanted === "string" && /^\/(?![/\\])/.test(wanted) ? wanted : "/chat";
}

/**
 * What was typed before the script came stays, and cannot be sent before: the browser
 * alone would put the password into the address.
 */
function Form({ fresh }: { fresh: boolean }) {
  const texts = useTexts();
  const { t } = texts;
  const alive = useAlive();
  const [trouble, say] = useState({ fresh, text: "" });
  const [busy, work] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const said = new FormData(event.currentTarget);
    const [phone, password] = [String(said.get("phone")), String(said.get("password"))];
    work(true);
    say({ fresh, text: "" });
    try {
      const client = named(navigator.userAgent);
      const { csrf } = await (fresh
        ? api.signUp(phone, password, client)
        : api.signIn(phone, password, client));
      await entered(csrf);
    } catch (error) {
      say({ fresh, text: explained(texts, error) });
      work(false);
    }
  };
  return (
    <form className="stack" method="post" onSubmit={(event) => void submit(event)}>
      <Field
        label={t("enter.phone")}
        hint={t("enter.phone.hint")}
        name="phone"
        type="tel"
        inputMode="tel"
        autoComplete="username"
        required
      />
      <Password fresh={fresh} />
      {fresh && <p className="soft small-text">{t("enter.agree")}</p>}
      {trouble.text && trouble.fresh === fresh && <Note tone="bad">{trouble.text}</Note>}
      <button className="button wide" disabled={!alive} aria-disabled={busy}>
        {t(busy ? "shell.wait" : fresh ? "enter.sign_up" : "enter.sign_in")}
      </button>
    </form>
  );
}
