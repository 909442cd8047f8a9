/** One payment: its whole evidence, and what can be decided. */

import { useState } from "react";
import { money, move, moved, words } from "../../lib/admin/figures";
import { useLoaded } from "../../lib/admin/loading";
import { advice, type Evidence, type PaymentStory, type Transfer } from "../../lib/admin/payments";
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
import { Table, type Column } from "./table";

export function OnePayment({ id }: { id: string }) {
  const loading = useLoaded<PaymentStory>(`payments/${encodeURIComponent(id)}`);
  return (
    <Loaded of={loading}>
      {(story) => (
        <>
          <div className="columns">
            <About story={story} />
            <Doing story={story} onDone={loading.again} />
          </div>
          <Events story={story} />
          <Transfers rows={story.transfers} />
          <Acts acts={story.acts} />
        </>
      )}
    </Loaded>
  );
}

function About({ story: { payment: one, polls } }: { story: PaymentStory }) {
  return (
    <section className="card">
      <h2>
        {one.merchant_ref}
        <State state={one.state} reason={one.reason} />
      </h2>
      <p className="sum">
        <strong>{money(one.amount_minor, one.currency)}</strong> {`for ${count(one.tokens)} tokens`}
      </p>
      <Facts
        of={[
          ["For", <Link key="for" href={`/admin/users/${one.user_id}`}>{`Person ${one.user_id}`}</Link>],
          ["Begun by", one.payer_id === one.user_id ? null : <Link key="by" href={`/admin/users/${one.payer_id}`}>{`Person ${one.payer_id}`}</Link>],
          ["Package", `${one.package}, version ${one.package_version}`],
          ["Rate", one.cents_per_dollar && `ZiG ${(one.cents_per_dollar / 100).toFixed(2)} a dollar`],
          ["Paid by", `${one.method} ${one.phone_e164 ?? ""}`],
          ["Asked for", one.channel === "web" ? "on the web" : one.channel],
          ["Begun", moment(one.created_at)],
          ["Sent to the gateway", one.sent_at && moment(one.sent_at)],
          ["Credited", one.credited_at && moment(one.credited_at)],
          ["Tokens taken back", one.clawed ? "yes" : null],
          ["Gateway's reference", one.provider_ref],
          ["Asked about", `${count(polls.polls)} times${polls.unanswered ? `, ${count(polls.unanswered)} without an answer` : ""}`],
          ["Last asked", polls.looked_at && moment(polls.looked_at)],
          ["Next asked", polls.next_poll_at && moment(polls.next_poll_at)],
        ]}
      />
    </section>
  );
}

const DECISIONS = {
  approve: { label: "Approve", about: "It was paid: its tokens are credited, once.", danger: false },
  reinstate: { label: "Reinstate", about: "The dispute was won: the tokens that were taken come back.", danger: false },
  dismiss: { label: "Dismiss", about: "It was not paid. Nothing is credited.", danger: true },
} as const;

/** Decisions that make sense in a state; the server has the last word. */
function possible({ state, clawed }: PaymentStory["payment"]): (keyof typeof DECISIONS)[] {
  if (state === "review") return ["approve", "dismiss"];
  if (state === "disputed") return clawed ? ["reinstate"] : ["dismiss"];
  return [];
}

function Doing({ story: { payment }, onDone }: { story: PaymentStory; onDone: () => void }) {
  const { id, state } = payment;
  const [done, say] = useState("");
  const correct = (verb: "credit" | "refund") => async ({ tokens, reason }: Record<string, string>, key: string) => {
    const made = await call<{ new: boolean; available: number }>("POST", `payments/${id}/${verb}`, {
      tokens: parseInt((tokens ?? "").replace(/[^0-9]/g, "") || "0", 10),
      key,
      reason,
    });
    return `${made.new ? "Done" : "This was done before"}: the balance is ${count(made.available)} tokens.`;
  };
  const needed = possible(payment).length > 0;
  return (
    <section className="card" id="doing">
      <h2>Do something</h2>
      {done && <Note tone="good">{done}</Note>}
      {needed && <Note tone="warn">{advice(state)}</Note>}
      <div className="acts">
        {possible(payment).map((decision) => (
          <Act
            key={decision}
            {...DECISIONS[decision]}
            run={async ({ reason }) => {
              const now = await call<{ state: string }>("POST", `payments/${id}/${decision}`, { reason });
              return `It is ${now.state} now.`;
            }}
            onDone={onDone}
            say={say}
          />
        ))}
        {state !== "created" && state !== "refunded" && (
          <Act
            label="Have it checked"
            about="A node asks the gateway, within half a minute."
            run={async ({ reason }) => {
              await call("POST", `payments/${id}/check`, { reason });
              return "The gateway is asked next. Look again in half a minute.";
            }}
            onDone={onDone}
            say={say}
          />
        )}
        {["review", "disputed", "refunded"].includes(state) && (
          <Act label="Credit by hand" about="For what was paid but is not what was agreed to. The reason is shown in their statement." run={correct("credit")} onDone={onDone} say={say}>
            <Tokens />
          </Act>
        )}
        {state === "credited" && (
          <Act
            label="Refund by hand"
            danger
            about="Takes tokens whose money went back outside the gateway. The reason is shown in their statement."
            run={correct("refund")}
            onDone={onDone}
            say={say}
          >
            <Tokens />
          </Act>
        )}
      </div>
    </section>
  );
}

function Tokens() {
  return <Field label="Tokens" name="tokens" inputMode="numeric" autoComplete="off" pattern="[0-9, ]{1,13}" required />;
}

function Events({ story: { events, payment } }: { story: PaymentStory }) {
  const columns: Column<Evidence>[] = [
    { name: "When", cell: ({ at }) => moment(at) },
    { name: "From", cell: ({ source }) => words(source) },
    { name: "Says", cell: ({ status }) => <strong>{status ?? "nothing"}</strong> },
    { name: "Amount", cell: ({ amount_minor }) => (amount_minor === null ? "" : money(amount_minor, payment.currency)), figure: true },
    { name: "Proof", cell: (event) => <Proof of={event} /> },
    { name: "Word for word", cell: ({ note, body }) => [note, body].filter(Boolean).join(" · "), long: true },
  ];
  return (
    <section className="card" id="evidence">
      <h2>Evidence</h2>
      <Table label="Evidence" columns={columns} rows={events} id={({ at, source }) => at + source} none="Nothing was heard of it yet." />
    </section>
  );
}

/** Whether the gateway's signature is right, and whether it is about what was agreed to. */
function Proof({ of: { source, hash_ok, matched } }: { of: Evidence }) {
  if (source === "operator") return <span className="tag">a person</span>;
  if (hash_ok === null) return <span className="tag">none</span>;
  if (!hash_ok) return <span className="tag bad">wrong signature</span>;
  return matched ? <span className="tag good">signed, as agreed</span> : <span className="tag warn">signed, not as agreed</span>;
}

function Transfers({ rows }: { rows: Transfer[] }) {
  const columns: Column<Transfer>[] = [
    { name: "When", cell: ({ created_at }) => moment(created_at) },
    { name: "What", cell: ({ kind }) => move(kind) },
    { name: "Why", cell: ({ reason }) => reason ?? "", long: true },
    { name: "Tokens", cell: ({ tokens }) => <strong className={tokens > 0 ? "came" : undefined}>{moved(tokens)}</strong>, figure: true },
    { name: "Balance after", cell: ({ balance_after }) => count(balance_after), figure: true },
  ];
  return (
    <section className="card" id="transfers">
      <h2>In the ledger</h2>
      <Table label="In the ledger" columns={columns} rows={rows} id={({ key }) => key} none="No tokens have moved because of it." />
    </section>
  );
}
