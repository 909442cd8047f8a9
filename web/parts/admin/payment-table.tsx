/** Payments in rows, each a way to its evidence. */

import { money, span, words } from "../../lib/admin/figures";
import { advice, tone, type PaymentRow } from "../../lib/admin/payments";
import { count } from "../../lib/texts";
import { moment } from "../../lib/time";
import { Link } from "../link";
import { Table, type Column } from "./table";

export function State({ state, reason }: { state: string; reason?: string | null }) {
  return (
    <>
      <span className={tone(state)}>{state}</span>
      {reason && <span className="soft small-text">{` ${words(reason)}`}</span>}
    </>
  );
}

const REFERENCE: Column<PaymentRow> = {
  name: "Reference",
  cell: ({ merchant_ref }) => <Link href={`/admin/payments/${merchant_ref}`}>{merchant_ref}</Link>,
};
const STATE: Column<PaymentRow> = { name: "State", cell: (row) => <State state={row.state} reason={row.reason} /> };
const AMOUNT: Column<PaymentRow> = { name: "Amount", cell: (row) => money(row.amount_minor, row.currency), figure: true };
const TOKENS: Column<PaymentRow> = { name: "Tokens", cell: ({ tokens }) => count(tokens), figure: true };

const LIST: Column<PaymentRow>[] = [
  REFERENCE,
  { name: "Begun", cell: ({ created_at }) => moment(created_at) },
  STATE,
  { name: "By", cell: ({ method, phone_e164 }) => `${method} ${phone_e164 ?? ""}` },
  { name: "For", cell: ({ user_id }) => <Link href={`/admin/users/${user_id}`}>{`Person ${user_id}`}</Link> },
  AMOUNT,
  TOKENS,
];

const QUEUE: Column<PaymentRow>[] = [
  REFERENCE,
  { name: "Age", cell: ({ age }) => span(age) },
  STATE,
  AMOUNT,
  { name: "What to do", cell: ({ state }) => advice(state), long: true },
];

export function PaymentTable({ rows, none }: { rows: PaymentRow[]; none: string }) {
  return <Table label="Payments" columns={LIST} rows={rows} id={({ id }) => id} none={none} />;
}

export function PaymentQueue({ rows }: { rows: PaymentRow[] }) {
  return <Table label="What needs you" columns={QUEUE} rows={rows} id={({ id }) => id} none="Nothing needs you." />;
}
