/** The door: a password, then the code of a phone. */

import { useState, type FormEvent } from "react";
import { useFirstField } from "../../lib/admin/focus";
import { knock, prove, startAgain, told, useDoor } from "../../lib/admin/session";
import { Field, Password } from "../field";
import { Note } from "../note";

export function SignIn() {
  const { status, note } = useDoor();
  return (
    <div className="page stack enter">
      {note && <Note>{note}</Note>}
      {status === "code" ? <Code /> : <Name />}
    </div>
  );
}

function Name() {
  const { form, busy, trouble, submit } = useSubmit(({ name, password }) => knock(name ?? "", password ?? ""));
  return (
    <form className="card" ref={form} onSubmit={submit}>
      <h2>Sign in</h2>
      <Field label="Name" name="name" autoComplete="username" autoCapitalize="none" spellCheck={false} required />
      <Password fresh={false} label="Password" />
      {trouble && <Note tone="bad">{trouble}</Note>}
      <button className="button wide" aria-disabled={busy}>
        {busy ? "One moment…" : "Go on"}
      </button>
    </form>
  );
}

function Code() {
  const { name } = useDoor();
  const { form, busy, trouble, submit } = useSubmit(({ code }) => prove(code ?? ""));
  return (
    <form className="card" ref={form} onSubmit={submit}>
      <h2>The code of your phone</h2>
      <Field
        label={`Six digits for ${name ?? ""}`}
        hint="The authenticator app shows another one every half a minute. Each opens once."
        name="code"
        className="input six"
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="[0-9 ]{6,9}"
        maxLength={9}
        required
      />
      {trouble && <Note tone="bad">{trouble}</Note>}
      <button className="button wide" aria-disabled={busy}>
        {busy ? "One moment…" : "Sign in"}
      </button>
      <button className="button quiet" type="button" onClick={startAgain}>
        As somebody else
      </button>
    </form>
  );
}

/** Sends a form's fields once at a time, and says what went wrong. */
function useSubmit(send: (said: Record<string, string>) => Promise<void>) {
  const form = useFirstField();
  const [busy, work] = useState(false);
  const [trouble, say] = useState("");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const said = Object.fromEntries([...new FormData(event.currentTarget)].map(([key, value]) => [key, String(value)]));
    work(true);
    say("");
    send(said)
      .catch((error: unknown) => {
        say(told(error));
        form.current?.querySelector<HTMLInputElement>("input[name=code], input[name=password]")?.select();
      })
      .finally(() => work(false));
  };
  return { form, busy, trouble, submit };
}
