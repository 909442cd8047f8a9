/** A new password for who proves their number from WhatsApp. */

import { useState, type FormEvent } from "react";
import { explained } from "../lib/errors";
import { api, entered } from "../lib/session";
import { useTexts } from "../lib/texts";
import type { Proof } from "../lib/zimgpt/index.js";
import { Password } from "./field";
import { Note } from "./note";
import { Phrase } from "./phrase";

export function Forgotten() {
  const texts = useTexts();
  const { t } = texts;
  const [proof, keep] = useState<Proof>();
  const [trouble, say] = useState("");
  const [busy, work] = useState(false);
  if (proof === undefined) return <Phrase purpose="password" onProved={keep} />;
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const password = String(new FormData(event.currentTarget).get("password"));
    work(true);
    say("");
    try {
      const { csrf } = await api.provedPassword(proof.id, password);
      await entered(csrf);
    } catch (error) {
      say(explained(texts, error));
      work(false);
    }
  };
  return (
    <form className="card" onSubmit={(event) => void submit(event)}>
      <p role="status">{t("enter.proved")}</p>
      <Password fresh />
      {trouble && <Note tone="bad">{trouble}</Note>}
      <button className="button wide" aria-disabled={busy}>
        {t(busy ? "shell.wait" : "account.password.change")}
      </button>
    </form>
  );
}
