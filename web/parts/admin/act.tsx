/** Something that is done: by a button that first asks why. */

import { useState, type FormEvent, type ReactNode } from "react";
import { useFirstField } from "../../lib/admin/focus";
import { told } from "../../lib/admin/session";
import { Field } from "../field";
import { Note } from "../note";

interface ActProps {
  /** On the button that opens the form, and on the one that does it. */
  label: string;
  /** What will happen, before it does. */
  about?: string;
  danger?: boolean;
  /** A button beside something. */
  small?: boolean;
  /** Fields beside the reason; their values come by name. */
  children?: ReactNode;
  /** Does it, and returns the sentence that says what was done. `key` is one for each form
   * that is opened, however often it is sent. */
  run: (said: Record<string, string>, key: string) => Promise<string>;
  /** Where reasons are not kept, none is asked for. */
  reason?: boolean;
  onDone?: () => void;
  /** Hears that sentence, where the button may be gone by then; else it is said here. */
  say?: (sentence: string) => void;
}

export function Act(props: ActProps) {
  const { label, danger = false, small = false } = props;
  const [key, open] = useState<string>();
  const [done, say] = useState("");
  if (key === undefined) {
    return (
      <div className="act stack close">
        {done && <Note tone="good">{done}</Note>}
        <div>
          <button className={`button ${danger ? "danger" : "plain"}${small ? " small" : ""}`} onClick={() => open(crypto.randomUUID())}>
            {label}
          </button>
        </div>
      </div>
    );
  }
  const close = (sentence: string) => {
    open(undefined);
    (props.say ?? say)(sentence);
  };
  return <Form {...props} id={key} onClose={close} />;
}

interface FormProps extends ActProps {
  id: string;
  onClose: (sentence: string) => void;
}

function Form({ label, about, danger = false, children, run, reason = true, onDone, id, onClose }: FormProps) {
  const [busy, work] = useState(false);
  const [trouble, say] = useState("");
  const form = useFirstField();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const said = Object.fromEntries([...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value).trim()]));
    work(true);
    say("");
    run(said, id).then(
      (sentence) => {
        onClose(sentence);
        onDone?.();
      },
      (error: unknown) => {
        say(told(error));
        work(false);
      },
    );
  };
  return (
    <form className="act open stack" ref={form} onSubmit={submit} aria-label={label}>
      {about && <p>{about}</p>}
      {children}
      {reason && <Field label="Reason" hint="Kept with your name." name="reason" minLength={3} maxLength={250} required autoComplete="off" />}
      {trouble && <Note tone="bad">{trouble}</Note>}
      <div className="row">
        <button className={danger ? "button danger" : "button"} aria-disabled={busy}>
          {busy ? "One moment…" : label}
        </button>
        <button className="button quiet" type="button" onClick={() => onClose("")}>
          Cancel
        </button>
      </div>
    </form>
  );
}
