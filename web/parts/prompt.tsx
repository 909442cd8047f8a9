/** What the person is to do, for each way of paying. */

import { useState, type FormEvent } from "react";
import { explained } from "../lib/errors";
import { api } from "../lib/session";
import { useTexts } from "../lib/texts";
import type { Payment, Prompt } from "../lib/zimgpt/index.js";
import { Copy } from "./copy";
import { Field } from "./field";
import { Note } from "./note";

interface PromptProps<Kind extends Prompt["kind"] = Prompt["kind"]> {
  payment: Payment;
  prompt: Extract<Prompt, { kind: Kind }>;
  onTold: (payment: Payment) => void;
}

export function PromptView({ payment, prompt, onTold }: PromptProps) {
  switch (prompt.kind) {
    case "approve":
      return <Approve payment={payment} prompt={prompt} onTold={onTold} />;
    case "code":
      return <Code payment={payment} prompt={prompt} onTold={onTold} />;
    case "otp":
      return <Otp payment={payment} prompt={prompt} onTold={onTold} />;
    case "visit":
      return <Visit payment={payment} prompt={prompt} onTold={onTold} />;
    default:
      return null; // a way of paying that this page does not know yet: its sentence is above
  }
}

function Approve({ payment, prompt }: PromptProps<"approve">) {
  const { t } = useTexts();
  return (
    <section className="card">
      <ol className="steps">
        <li>{t("pay.approve.take", { phone: payment.phone ?? "" })}</li>
        <li>{t("pay.approve.check", { price: payment.price })}</li>
        <li>{t("pay.approve.back")}</li>
      </ol>
      {prompt.words && <blockquote className="gateway-words">{prompt.words}</blockquote>}
    </section>
  );
}

/** Addresses that may open something: the wallet's app, or a page of the web. */
const LINK = /^(?:https:\/\/|schinn[.\w]*:\/\/|innbucks[.\w]*:\/\/)/i;

function Code({ prompt }: PromptProps<"code">) {
  const { t } = useTexts();
  const links = (prompt.links ?? []).filter((one) => LINK.test(one));
  return (
    <section className="card pay-code">
      <div className="row apart">
        <p className="phrase">{prompt.code}</p>
        <Copy text={prompt.code} />
      </div>
      {prompt.expires && <p className="soft small-text">{t("pay.code.until", { time: prompt.expires })}</p>}
      {links.map((link, place) => (
        <a key={link} className={place ? "button quiet wide" : "button wide"} href={link}>
          {t(place ? "pay.code.older" : "pay.code.open")}
        </a>
      ))}
      <figure>
        <img className="qr" src={prompt.qr} alt={t("pay.code.picture")} width="200" height="200" />
        <figcaption className="soft small-text">{t("pay.code.scan")}</figcaption>
      </figure>
    </section>
  );
}

function Otp({ payment, prompt, onTold }: PromptProps<"otp">) {
  const texts = useTexts();
  const { t } = texts;
  const [trouble, say] = useState("");
  const [busy, work] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const code = String(new FormData(event.currentTarget).get("code")).replace(/\s/g, "");
    say("");
    work(true);
    api
      .payWithCode(payment.id, code)
      .then(onTold, (error: unknown) => say(explained(texts, error)))
      .finally(() => work(false));
  };
  return (
    <form className="card" onSubmit={submit}>
      <Field
        label={t("pay.otp")}
        hint={prompt.reference && t("pay.otp.which", { reference: prompt.reference })}
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={20}
        required
      />
      {trouble && <Note tone="bad">{trouble}</Note>}
      <button className="button wide" aria-disabled={busy}>
        {t(busy ? "shell.wait" : "pay.otp.send")}
      </button>
    </form>
  );
}

function Visit({ prompt }: PromptProps<"visit">) {
  const { t } = useTexts();
  if (!/^https?:\/\//i.test(prompt.url)) return null;
  return (
    <a className="button wide" href={prompt.url}>
      {t("pay.visit")}
    </a>
  );
}
