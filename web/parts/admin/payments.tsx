/** Payments: what needs a person first, then all of them, as they are looked for. */

import { useRouter } from "next/router";
import type { FormEvent } from "react";
import { useLoaded, usePaged } from "../../lib/admin/loading";
import { STATES, type PaymentRow } from "../../lib/admin/payments";
import { PAGE } from "../../lib/admin/people";
import { Field } from "../field";
import { Icon } from "../icon";
import { Loaded } from "./loaded";
import { PaymentQueue, PaymentTable } from "./payment-table";
import { Pick } from "./pick";
import { More } from "./table";

export interface Looked {
  state: string;
  currency: string;
  phone: string;
}

export function Payments({ looked }: { looked: Looked }) {
  return (
    <>
      <Queue />
      <section className="card" id="payments">
        <h2>All payments</h2>
        <Filter looked={looked} />
        <List looked={looked} />
      </section>
    </>
  );
}

/** The exceptions. */
export function Queue() {
  const loading = useLoaded<{ payments: PaymentRow[] }>("payments/queue");
  return (
    <section className="card" id="queue">
      <h2>
        Needs you
        {loading.data && loading.data.payments.length > 0 && <span className="tag warn">{loading.data.payments.length}</span>}
      </h2>
      <Loaded of={loading}>{({ payments }) => <PaymentQueue rows={payments} />}</Loaded>
    </section>
  );
}

function List({ looked }: { looked: Looked }) {
  const paged = usePaged<PaymentRow>(
    (after) => `payments?${query({ ...looked, before: after?.id ?? "" })}`,
    (said) => (said as { payments: PaymentRow[] }).payments,
    PAGE,
  );
  return (
    <>
      <Loaded of={paged}>{(rows) => <PaymentTable rows={rows} none="There are no such payments." />}</Loaded>
      <More more={paged.more} />
    </>
  );
}

function Filter({ looked }: { looked: Looked }) {
  const router = useRouter();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = Object.fromEntries([...new FormData(event.currentTarget)].map(([key, value]) => [key, String(value).trim()]));
    void router.push(`/admin/payments?${query(said)}`);
  };
  return (
    <form className="find" role="search" onSubmit={submit} key={query({ ...looked })}>
      <Pick label="State" name="state" value={looked.state} any="any" options={STATES.map((state) => [state, state])} />
      <Pick label="Currency" name="currency" value={looked.currency} any="any" options={[["USD", "US$"], ["ZWG", "ZiG"]]} />
      <Field label="Number" name="phone" inputMode="tel" autoComplete="off" defaultValue={looked.phone} placeholder="0771 234 567" />
      <button className="button">
        <Icon of="search" small /> Search
      </button>
    </form>
  );
}

/** A query of what is not empty. */
function query(said: Record<string, string>): string {
  return new URLSearchParams(Object.entries(said).filter(([, value]) => value !== "")).toString();
}
