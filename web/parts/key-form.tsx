/** What a key is called and may do: for a new one, or for one that is there. */

import { useState, type FormEvent } from "react";
import { explained } from "../lib/errors";
import { useTexts } from "../lib/texts";
import type { KeyWish } from "../lib/zimgpt/index.js";
import { Field } from "./field";
import { Note } from "./note";

const USUAL: KeyWish = { name: "", budget: null, per_minute: 30 };
const MOST_PER_MINUTE = 600;
const MOST_BUDGET = 1e15;

interface KeyFormProps {
  before?: KeyWish;
  /** The words of the button. */
  label: string;
  /** Carries it out; what it throws is said here. */
  onSend: (wish: KeyWish) => Promise<void>;
  onCancel: () => void;
}

export function KeyForm({ before = USUAL, label, onSend, onCancel }: KeyFormProps) {
  const texts = useTexts();
  const { t } = texts;
  const [trouble, say] = useState("");
  const [busy, work] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const wish = read(new FormData(event.currentTarget));
    if (wish === undefined) return say(t("account.keys.wrong"));
    say("");
    work(true);
    onSend(wish).catch((error: unknown) => {
      work(false);
      say(explained(texts, error));
    });
  };
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <Field
        label={t("account.keys.name")}
        hint={t("account.keys.name.hint")}
        name="name"
        autoComplete="off"
        maxLength={100}
        defaultValue={before.name}
      />
      <Field
        label={t("account.keys.budget")}
        hint={t("account.keys.budget.hint")}
        name="budget"
        inputMode="numeric"
        autoComplete="off"
        maxLength={20}
        defaultValue={before.budget ?? ""}
      />
      <Field
        label={t("account.keys.rate")}
        name="rate"
        inputMode="numeric"
        autoComplete="off"
        maxLength={3}
        defaultValue={before.per_minute}
      />
      {trouble && <Note tone="bad">{trouble}</Note>}
      <button className="button" aria-disabled={busy}>
        {busy ? t("shell.wait") : label}
      </button>
      <button type="button" className="button quiet" onClick={onCancel}>
        {t("shell.cancel")}
      </button>
    </form>
  );
}

/** What was filled in; undefined for what no key can be. */
function read(form: FormData): KeyWish | undefined {
  const said = (name: string) => String(form.get(name)).trim();
  const [name, budget] = [said("name"), said("budget").replace(/[\s,]/g, "")];
  const rate = Number(said("rate"));
  const fits = Number.isInteger(rate) && rate >= 1 && rate <= MOST_PER_MINUTE;
  if (!name || !fits || !/^\d*$/.test(budget) || Number(budget) > MOST_BUDGET) return undefined;
  return { name, budget: budget === "" ? null : Number(budget), per_minute: rate };
}
