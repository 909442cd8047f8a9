/** Vouchers: batches, and the codes of one that was just made, to be printed. */

import { useState } from "react";
import { useLoaded } from "../../lib/admin/loading";
import { typedNumber, type Batch } from "../../lib/admin/selling";
import { call } from "../../lib/admin/session";
import { count } from "../../lib/texts";
import { moment } from "../../lib/time";
import { Field } from "../field";
import { Icon } from "../icon";
import { Note } from "../note";
import { Act } from "./act";
import { Loaded } from "./loaded";
import { Table, type Column } from "./table";

interface Sheet {
  batch: string;
  codes: string[];
  tokens: number;
  until: string;
}

export function Batches() {
  const loading = useLoaded<{ batches: Batch[] }>("vouchers");
  const [sheet, print] = useState<Sheet>();
  if (sheet) return <ToPrint sheet={sheet} onClose={() => print(undefined)} />;
  return (
    <section className="card" id="batches">
      <h2>Batches</h2>
      <p className="soft">
        A voucher is tokens on paper. Its code is shown once, when it is made: the database keeps a digest of it, so nobody can print it again.
      </p>
      <Make
        onMade={(made) => {
          print(made);
          loading.again();
        }}
      />
      <Loaded of={loading}>
        {({ batches }) => (
          <>
            <Table label="Batches" columns={COLUMNS} rows={batches} id={({ batch }) => batch} none="There are no vouchers yet." />
            <Revoke batches={batches.filter(isOpen)} onDone={loading.again} />
          </>
        )}
      </Loaded>
    </section>
  );
}

function isOpen({ revoked_at, expires_at, redeemed, vouchers }: Batch): boolean {
  return revoked_at === null && new Date(expires_at) > new Date() && redeemed < vouchers;
}

const COLUMNS: Column<Batch>[] = [
  { name: "Batch", cell: ({ batch }) => batch },
  { name: "State", cell: state },
  { name: "Tokens each", cell: ({ tokens }) => count(tokens), figure: true },
  { name: "Vouchers", cell: ({ vouchers }) => count(vouchers), figure: true },
  { name: "Redeemed", cell: ({ redeemed }) => count(redeemed), figure: true },
  { name: "Made", cell: ({ made_at }) => moment(made_at) },
  { name: "Good until", cell: ({ expires_at }) => moment(expires_at) },
];

function state(one: Batch) {
  if (one.revoked_at !== null) return <span className="tag bad">revoked</span>;
  if (one.redeemed === one.vouchers) return <span className="tag">all used</span>;
  return isOpen(one) ? <span className="tag good">good</span> : <span className="tag">over</span>;
}

function Make({ onMade }: { onMade: (sheet: Sheet) => void }) {
  const run = async (said: Record<string, string>) => {
    const [tokens, days] = [typedNumber(said.tokens), typedNumber(said.days)];
    const body = { batch: said.batch, count: typedNumber(said.count), tokens, days, reason: said.reason };
    const { batch, codes } = await call<{ batch: string; codes: string[] }>("POST", "vouchers", body);
    onMade({ batch, codes, tokens, until: new Date(Date.now() + days * 86_400_000).toISOString() });
    return "";
  };
  return (
    <Act label="Make vouchers" run={run}>
      <div className="two">
        <Field label="Name of the batch" hint="Such as school-fair-1." name="batch" pattern="[A-Za-z0-9._\-]{1,64}" autoComplete="off" required />
        <Field label="How many" hint="Up to 10,000." name="count" inputMode="numeric" pattern="[0-9, ]{1,6}" defaultValue="20" autoComplete="off" required />
        <Field label="Tokens each" name="tokens" inputMode="numeric" pattern="[0-9, ]{1,13}" autoComplete="off" required />
        <Field label="Good for so many days" name="days" inputMode="numeric" pattern="[0-9]{1,4}" defaultValue="365" autoComplete="off" required />
      </div>
    </Act>
  );
}

function Revoke({ batches, onDone }: { batches: Batch[]; onDone: () => void }) {
  if (batches.length === 0) return null;
  const run = async ({ batch, reason }: Record<string, string>) => {
    const { changed } = await call<{ changed: boolean }>("POST", `vouchers/${batch ?? ""}/revoke`, { reason });
    return changed ? `What is left of ${batch ?? ""} is worth nothing any more.` : "It was revoked before.";
  };
  return (
    <Act label="Revoke a batch" danger about="Nobody redeems what is left of it. What was redeemed stays." run={run} onDone={onDone}>
      <label className="field">
        <span className="label">Batch</span>
        <select className="input" name="batch">
          {batches.map(({ batch }) => (
            <option key={batch}>{batch}</option>
          ))}
        </select>
      </label>
    </Act>
  );
}

/** Codes on tickets to cut out. */
function ToPrint({ sheet, onClose }: { sheet: Sheet; onClose: () => void }) {
  const text = sheet.codes.join("\n");
  return (
    <section className="card" id="to-print">
      <div className="stack no-print">
        <h2>{`Batch ${sheet.batch}`}</h2>
        <Note tone="warn">These codes are shown now and never again. Print them, or keep them in a file, before you close this page.</Note>
        <div className="row">
          <button className="button" onClick={() => window.print()}>
            <Icon of="print" small /> Print
          </button>
          <a className="button plain" download={`vouchers-${sheet.batch}.txt`} href={`data:text/plain;charset=utf-8,${encodeURIComponent(text + "\n")}`}>
            <Icon of="save" small /> Keep as a file
          </a>
          <button className="button quiet" onClick={onClose}>
            I have them
          </button>
        </div>
      </div>
      <ul className="codes">
        {sheet.codes.map((code) => (
          <li key={code} className="ticket">
            <span className="ticket-name">ZimGPT</span>
            <strong>{`${count(sheet.tokens)} tokens`}</strong>
            <code>{code}</code>
            <span className="soft small-text">{`Good until ${moment(sheet.until).split(",")[0] ?? ""}. Type it in your wallet, or send it on WhatsApp.`}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
