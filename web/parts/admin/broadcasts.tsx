/** Words to everybody: to how many first, then sent a hundred at a time. */

import { useEffect, useRef, useState, type FormEvent } from "react";
import { useLoaded } from "../../lib/admin/loading";
import { call, told } from "../../lib/admin/session";
import type { Broadcast } from "../../lib/admin/works";
import { count } from "../../lib/texts";
import { moment } from "../../lib/time";
import { Field } from "../field";
import { Note } from "../note";
import { Facts } from "./facts";
import { Loaded } from "./loaded";

export function Broadcasts() {
  const loading = useLoaded<{ broadcasts: Broadcast[] }>("broadcasts");
  return (
    <>
      <Compose onSent={loading.again} />
      <Loaded of={loading}>
        {({ broadcasts }) => (
          <section className="card" id="broadcasts">
            <h2>Until now</h2>
            {broadcasts.length === 0 && <p className="soft">Nothing was said to everybody yet.</p>}
            <ul className="lines plain-list">
              {broadcasts.map((one) => (
                <Said key={one.id} of={one} onSent={loading.again} />
              ))}
            </ul>
          </section>
        )}
      </Loaded>
    </>
  );
}

const LANGUAGES: [string, string, boolean][] = [
  ["en", "English", true],
  ["sn", "Shona", false],
  ["nd", "Ndebele", false],
];

interface Draft {
  id: string;
  body: Record<string, unknown>;
  whatsapp: boolean;
  waiting: number;
}

function Compose({ onSent }: { onSent: () => void }) {
  const [draft, review] = useState<Draft>();
  const [busy, work] = useState(false);
  const [trouble, say] = useState("");
  const [sheet, clear] = useState(0);
  const sending = useSending(onSent);
  const review_ = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    const [id, whatsapp] = [text("id"), form.get("whatsapp") === "on"];
    const body = {
      ...Object.fromEntries(["id", "en", "sn", "nd", "reason"].map((name) => [name, text(name)])),
      whatsapp,
      web: form.get("web") === "on",
      hours: Number(text("hours")),
    };
    work(true);
    say("");
    call<{ waiting: number }>("GET", `broadcasts/${id}/waiting`)
      .then(({ waiting }) => review({ id, body, whatsapp, waiting: whatsapp ? waiting : 0 }))
      .catch((error: unknown) => say(told(error)))
      .finally(() => work(false));
  };
  const send = () => {
    if (!draft) return;
    work(true);
    say("");
    call<{ new: boolean }>("POST", "broadcasts", draft.body)
      .then(async () => {
        review(undefined);
        clear(sheet + 1);
        onSent();
        if (draft.whatsapp) await sending.send(draft.id, draft.waiting);
      })
      .catch((error: unknown) => say(told(error)))
      .finally(() => work(false));
  };
  return (
    <section className="card" id="compose">
      <h2>Say something to everybody</h2>
      <p className="soft">
        On WhatsApp it goes to those who wrote within the last day and have not said STOP. Nobody gets the same one twice.
      </p>
      <form className="stack" key={sheet} onSubmit={review_} onChange={() => review(undefined)}>
        <Field label="Id" hint="Such as 2026-11-outage. With the same id and the same words it goes on where it was." name="id" pattern="[A-Za-z0-9._\-]{1,64}" autoComplete="off" required />
        <div className="three">
          {LANGUAGES.map(([key, name, needed]) => (
            <label key={key} className="field">
              <span className="label">{name}</span>
              <textarea className="input" name={key} maxLength={1000} required={needed} lang={key} rows={5} />
              <span className="hint">{needed ? "For everybody whose language has no words here." : "Where this is empty, they read English."}</span>
            </label>
          ))}
        </div>
        <div className="row">
          <label className="ticked">
            <input type="checkbox" name="whatsapp" defaultChecked /> On WhatsApp
          </label>
          <label className="ticked">
            <input type="checkbox" name="web" defaultChecked /> In the web app
          </label>
        </div>
        <div className="two">
          <Field label="For so many hours" hint="How long it is shown, and worth sending." name="hours" type="number" min={1} max={720} defaultValue={24} required />
          <Field label="Reason" hint="Kept with your name." name="reason" minLength={3} maxLength={250} autoComplete="off" required />
        </div>
        {trouble && <Note tone="bad">{trouble}</Note>}
        {draft ? (
          <Review draft={draft} busy={busy} onSend={send} onBack={() => review(undefined)} />
        ) : (
          <div>
            <button className="button plain" aria-disabled={busy}>
              {busy ? "One moment…" : "To how many?"}
            </button>
          </div>
        )}
      </form>
      <Progress of={sending} />
    </section>
  );
}

function Review({ draft: { whatsapp, waiting, body }, busy, onSend, onBack }: { draft: Draft; busy: boolean; onSend: () => void; onBack: () => void }) {
  const places = [whatsapp && `to ${count(waiting)} people on WhatsApp`, body.web === true && "in the web app"].filter(Boolean);
  return (
    <div className="act open stack">
      <p>
        <strong>{`It goes ${places.join(" and ") || "nowhere"}.`}</strong> It cannot be taken back.
      </p>
      <div className="row">
        <button className="button" type="button" onClick={onSend} aria-disabled={busy || places.length === 0}>
          {busy ? "One moment…" : "Send it"}
        </button>
        <button className="button quiet" type="button" onClick={onBack}>
          Not yet
        </button>
      </div>
    </div>
  );
}

interface Sending {
  /** How far it is; undefined while nothing is sent. */
  state: { id: string; sent: number; all: number; done: boolean; trouble?: string } | undefined;
  send: (id: string, waiting: number) => Promise<void>;
}

/** A hundred people a call, until nobody is left. What stops midway can go on later. */
function useSending(onSent: () => void): Sending {
  const [state, set] = useState<Sending["state"]>();
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => void (here.current = false);
  }, []);
  const send = async (id: string, waiting: number) => {
    let [sent, all] = [0, waiting];
    set({ id, sent, all, done: false });
    try {
      while (here.current) {
        const step = await call<{ sent: number; waiting: number }>("POST", `broadcasts/${id}/send`);
        sent += step.sent;
        all = sent + step.waiting;
        set({ id, sent, all, done: step.sent === 0 });
        if (step.sent === 0) break;
      }
    } catch (error) {
      set({ id, sent, all, done: false, trouble: told(error) });
    }
    onSent();
  };
  return { state, send };
}

function Progress({ of: { state, send } }: { of: Sending }) {
  if (!state) return null;
  const { id, sent, all, done, trouble } = state;
  return (
    <div className="stack close" id="progress">
      {done ? (
        <Note tone="good">{`${id} went to ${count(sent)} people on WhatsApp.`}</Note>
      ) : (
        <>
          <label className="field">
            <span className="label">{`${id}: ${count(sent)} of ${count(all)}`}</span>
            <progress className="progress" value={sent} max={Math.max(all, 1)} />
          </label>
          {trouble === undefined && <p className="soft small-text">Keep this page open until it is done. Otherwise it can go on later.</p>}
        </>
      )}
      {trouble !== undefined && (
        <>
          <Note tone="bad">{trouble}</Note>
          <div>
            <button className="button plain" type="button" onClick={() => void send(id, all - sent)}>
              Go on
            </button>
          </div>
        </>
      )}
    </div>
  );
}

function Said({ of: one, onSent }: { of: Broadcast; onSent: () => void }) {
  const sending = useSending(onSent);
  const over = new Date(one.until) < new Date();
  return (
    <li className="stack close" data-broadcast={one.id}>
      <div className="row apart">
        <strong>{one.id}</strong>
        {over ? <span className="tag">over</span> : <span className="tag good">{`until ${moment(one.until)}`}</span>}
      </div>
      {Object.entries(one.texts).map(([language, words]) => (
        <p key={language} className="said" lang={language}>
          <span className="tag">{language}</span> {words}
        </p>
      ))}
      <Facts
        of={[
          ["Begun", `${moment(one.made_at)}, by ${one.who ?? "nobody known"}: ${one.reason ?? ""}`],
          ["Where", [one.whatsapp && "WhatsApp", one.web && "web app"].filter(Boolean).join(" and ")],
          ["Sent on WhatsApp", one.whatsapp ? `to ${count(one.sent)} people` : null],
          ["Could still have it", one.waiting ? `${count(one.waiting)} people` : null],
        ]}
      />
      {one.waiting > 0 && sending.state === undefined && (
        <div>
          <button className="button plain" onClick={() => void sending.send(one.id, one.waiting)}>
            {`Send it to ${count(one.waiting)} more`}
          </button>
        </div>
      )}
      <Progress of={sending} />
    </li>
  );
}
