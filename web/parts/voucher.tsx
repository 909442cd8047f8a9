/** A code from a printed voucher becomes tokens. */

import { useState, type FormEvent } from "react";
import { explained } from "../lib/errors";
import { api } from "../lib/session";
import { useTexts } from "../lib/texts";
import { Field } from "./field";
import { Note } from "./note";

export function Voucher() {
  const texts = useTexts();
  const { t } = texts;
  const [code, write] = useState("");
  const [said, say] = useState<{ tone: "good" | "plain" | "bad"; text: string }>();
  const [busy, work] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    if (!code.trim()) return say({ tone: "bad", text: t("error.voucher_malformed") });
    say(undefined);
    work(true);
    const done = api.redeem(code).then(
      ({ tokens, available, repeat }) => {
        const text = t(repeat ? "wallet.voucher.repeat" : "wallet.voucher.done", { tokens, available });
        say({ tone: repeat ? "plain" : "good", text });
        write("");
      },
      (error: unknown) => say({ tone: "bad", text: explained(texts, error) }),
    );
    void done.then(() => work(false));
  };
  return (
    <section className="card" id="voucher">
      <h2>{t("wallet.voucher")}</h2>
      <form className="stack" onSubmit={submit} noValidate>
        <Field
          label={t("wallet.voucher.code")}
          hint={t("wallet.voucher.hint")}
          name="voucher"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={60}
          value={code}
          onChange={(event) => write(event.target.value)}
        />
        {said && <Note tone={said.tone}>{said.text}</Note>}
        <button className="button plain wide" aria-disabled={busy}>
          {busy ? t("shell.wait") : t("wallet.voucher.redeem")}
        </button>
      </form>
    </section>
  );
}
