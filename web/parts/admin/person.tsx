/** One person: what is known of them but their words, and what can be done. */

import { useState } from "react";
import { money, move, moved } from "../../lib/admin/figures";
import { useLoaded, usePaged } from "../../lib/admin/loading";
import { PAGE, type Move, type Story } from "../../lib/admin/people";
import { call } from "../../lib/admin/session";
import { count } from "../../lib/texts";
import { moment } from "../../lib/time";
import { Field } from "../field";
import { Link } from "../link";
import { Note } from "../note";
import { Act } from "./act";
import { Acts } from "./acts";
import { Facts } from "./facts";
import { Loaded } from "./loaded";
import { State } from "./payment-table";
import { Table, More, type Column } from "./table";

export function OnePerson({ id }: { id: string }) {
  const loading = useLoaded<Story>(`users/${id}`);
  const ledger = useLedger(id);
  const again = () => {
    loading.again();
    ledger.again();
  };
  return (
    <Loaded of={loading}>
      {(story) => (
        <>
          <div className="columns">
            <About story={story} />
            <Doing story={story} onDone={again} />
          </div>
          <section className="card" id="ledger">
            <h2>Ledger</h2>
            <Loaded of={ledger}>
              {(moves) => (
                <Table label="Ledger" columns={MOVES} rows={moves} id={({ version }) => version} none="No tokens have moved yet." />
              )}
            </Loaded>
            <More more={ledger.more} />
          </section>
          <Payments story={story} />
          <Acts acts={story.acts} />
        </>
      )}
    </Loaded>
  );
}

function useLedger(id: string) {
  return usePaged<Move>(
    (after) => `users/${id}/moves${after === undefined ? "" : `?before=${after.version}`}`,
    (said) => (said as { moves: Move[] }).moves,
    PAGE,
  );
}

const MOVES: Column<Move>[] = [
  { name: "When", cell: ({ at }) => moment(at) },
  { name: "What", cell: ({ kind }) => move(kind) },
  { name: "Why", cell: ({ reason, key }) => reason && <span title={key}>{reason}</span>, long: true },
  { name: "Tokens", cell: ({ amount }) => <strong className={amount > 0 ? "came" : undefined}>{moved(amount)}</strong>, figure: true },
  { name: "Balance", cell: ({ balance }) => count(balance), figure: true },
];

function About({ story: { person, contacts } }: { story: Story }) {
  const [contact] = contacts;
  return (
    <section className="card">
      <h2>
        {`Person ${person.id}`}
        {person.banned_at ? <span className="tag bad">banned</span> : <span className="tag good">active</span>}
      </h2>
      <p className="sum">
        <strong data-available={person.available}>{count(person.available)}</strong> tokens
      </p>
      <Facts
        of={[
          ["Number", person.phone === null ? "none any more" : <Number key="n" id={person.id} masked={person.phone} />],
          ["Since", moment(person.created_at)],
          ["Set aside for answers", count(person.held)],
          ["Questions", count(person.questions)],
          ["Under way", person.under_way ? count(person.under_way) : null],
          ["Conversations", count(person.conversations)],
          ["Sessions", count(person.sessions)],
          ["Password", person.has_password ? "yes" : "none"],
          ["Locked until", person.locked_until && new Date(person.locked_until) > new Date() ? moment(person.locked_until) : null],
          ["Banned", person.banned_at && `${moment(person.banned_at)}: ${person.ban_reason ?? ""}`],
          ["WhatsApp", contact && (contact.opted_out_at ? "has said STOP" : `yes, in ${contact.language}`)],
          ["Last heard on WhatsApp", contact?.heard_at ? moment(contact.heard_at) : null],
        ]}
      />
    </section>
  );
}

/** Its last digits; the whole for who says why. */
function Number({ id, masked }: { id: number; masked: string }) {
  const [whole, show] = useState("");
  if (whole) return <span className="figure">{whole}</span>;
  return (
    <div className="row">
      <span className="figure">{masked}</span>
      <Act
        label="Show"
        small
        about="The whole number. It is kept that you looked."
        run={async ({ reason }) => {
          const { phone } = await call<{ phone: string | null }>("POST", `users/${id}/number`, { reason });
          show(phone ?? "none");
          return "";
        }}
      />
    </div>
  );
}

function Doing({ story: { person }, onDone }: { story: Story; onDone: () => void }) {
  const [done, say] = useState("");
  const grant = async ({ tokens, reason }: Record<string, string>, key: string) => {
    const made = await call<{ new: boolean; available: number }>("POST", `users/${person.id}/grant`, {
      tokens: parseInt((tokens ?? "").replace(/[^0-9]/g, "") || "0", 10),
      key,
      reason,
    });
    return `${made.new ? "Given" : "This was given before"}: the balance is ${count(made.available)} tokens.`;
  };
  const ban = async (act: "ban" | "unban", reason: string | undefined) => {
    const { changed } = await call<{ changed: boolean }>("POST", `users/${person.id}/${act}`, { reason });
    if (!changed) return "Nothing changed: it was so before.";
    return act === "ban" ? "They are banned and signed out." : "They may come in again.";
  };
  return (
    <section className="card" id="doing">
      <h2>Do something</h2>
      {done && <Note tone="good">{done}</Note>}
      <div className="acts">
        {person.phone !== null && (
          <Act label="Give tokens" run={grant} onDone={onDone} say={say}>
            <Field label="Tokens" name="tokens" inputMode="numeric" autoComplete="off" pattern="[0-9, ]{1,13}" required />
          </Act>
        )}
        {person.banned_at === null ? (
          <Act
            label="Ban"
            danger
            about="They are signed out everywhere within a minute and ask nothing any more. What they have stays theirs."
            run={({ reason }) => ban("ban", reason)}
            onDone={onDone}
            say={say}
          />
        ) : (
          <Act label="Take the ban back" run={({ reason }) => ban("unban", reason)} onDone={onDone} say={say} />
        )}
      </div>
    </section>
  );
}

function Payments({ story: { payments } }: { story: Story }) {
  return (
    <section className="card" id="payments">
      <h2>Latest payments</h2>
      <Table
        label="Latest payments"
        columns={[
          { name: "Reference", cell: ({ merchant_ref }) => <Link href={`/admin/payments/${merchant_ref}`}>{merchant_ref}</Link> },
          { name: "Begun", cell: ({ created_at }) => moment(created_at) },
          { name: "State", cell: ({ state }) => <State state={state} /> },
          { name: "Amount", cell: ({ amount_minor, currency }) => money(amount_minor, currency), figure: true },
          { name: "Tokens", cell: ({ tokens }) => count(tokens), figure: true },
        ]}
        rows={payments}
        id={({ id }) => id}
        none="They have bought nothing yet."
      />
    </section>
  );
}
