/** What is sold, and how much ZiG a dollar is; every change is a new version. */

import { money } from "../../lib/admin/figures";
import { useLoaded } from "../../lib/admin/loading";
import { amount, typedAmount, typedNumber, type Package, type Packages as Told, type Rate } from "../../lib/admin/selling";
import { call } from "../../lib/admin/session";
import { count } from "../../lib/texts";
import { Field } from "../field";
import { Act } from "./act";
import { Loaded } from "./loaded";
import { Table, type Column } from "./table";
import { MADE, SINCE } from "./versions";

export function Packages() {
  const loading = useLoaded<Told>("packages");
  return (
    <Loaded of={loading}>
      {(told) => {
        const [rate] = told.rates;
        const columns: Column<Package>[] = rate ? [...PACKAGE, inZig(rate.cents_per_dollar), SOLD, SINCE] : [...PACKAGE, SOLD, SINCE];
        return (
          <>
            <section className="card" id="packages">
              <h2>Packages</h2>
              <p className="soft">Prices are in US dollars; ZiG follows by the rate below. Payments that have begun keep what they began with.</p>
              <Table label="Packages" columns={columns} rows={told.packages} id={(one) => one.package} none="Nothing is sold." />
              <div className="acts">
                <NewPackage packages={told.packages} onDone={loading.again} />
                <Withdraw packages={told.packages.filter(({ offered }) => offered)} onDone={loading.again} />
              </div>
            </section>
            <section className="card" id="rates">
              <h2>ZiG</h2>
              {rate ? (
                <p className="sum">
                  US$1.00 is <strong>{money(rate.cents_per_dollar, "ZWG")}</strong>
                </p>
              ) : (
                <p className="soft">There is no rate yet, so nothing is sold in ZiG.</p>
              )}
              <NewRate rate={rate} onDone={loading.again} />
            </section>
            <section className="card" id="history">
              <h2>Versions</h2>
              <h3>Packages</h3>
              <Table label="Versions of packages" columns={[SINCE, ...PACKAGE, SOLD, ...MADE]} rows={told.history} id={(one) => one.package + one.version} none="None yet." />
              <h3>Rates</h3>
              <Table label="Versions of the rate" columns={[SINCE, RATE, ...MADE]} rows={told.rates} id={({ version }) => version} none="None yet." />
            </section>
          </>
        );
      }}
    </Loaded>
  );
}

const PACKAGE: Column<Package>[] = [
  { name: "Package", cell: (one) => `${one.package}, version ${one.version}` },
  { name: "Tokens", cell: ({ tokens }) => count(tokens), figure: true },
  { name: "Price", cell: ({ cents }) => money(cents, "USD"), figure: true },
];

const SOLD: Column<Package> = {
  name: "Sold",
  cell: ({ offered }) => (offered ? <span className="tag good">yes</span> : <span className="tag">no more</span>),
};

const RATE: Column<Rate> = { name: "A dollar is", cell: ({ cents_per_dollar }) => money(cents_per_dollar, "ZWG"), figure: true };

/** As the server reckons it: a fraction of a cent is a cent. */
function inZig(rate: number): Column<Package> {
  return { name: "In ZiG now", cell: ({ cents }) => money(Math.ceil((cents * rate) / 100), "ZWG"), figure: true };
}

function NewPackage({ packages, onDone }: { packages: Package[]; onDone: () => void }) {
  const run = async (said: Record<string, string>) => {
    const body = { package: said.package, tokens: typedNumber(said.tokens), cents: typedAmount(said.price, 2), reason: said.reason };
    const made = await call<Package>("POST", "packages", body);
    return `${made.package} is ${count(made.tokens)} tokens for ${money(made.cents, "USD")} from now on (version ${made.version}).`;
  };
  return (
    <Act label="New version, or new package" run={run} onDone={onDone}>
      <Field label="Package" hint="Small letters, digits and dashes; one that there is gets a new version." name="package" list="packages-there" pattern="[a-z0-9\-]{1,32}" autoComplete="off" required />
      <datalist id="packages-there">
        {packages.map((one) => (
          <option key={one.package} value={one.package} />
        ))}
      </datalist>
      <div className="two">
        <Field label="Tokens" name="tokens" inputMode="numeric" pattern="[0-9, ]{1,13}" autoComplete="off" required />
        <Field label="US dollars" hint="Such as 2.50." name="price" inputMode="decimal" pattern="[0-9]{1,6}([.][0-9]{2})?" autoComplete="off" required />
      </div>
    </Act>
  );
}

function Withdraw({ packages, onDone }: { packages: Package[]; onDone: () => void }) {
  if (packages.length === 0) return null;
  const run = async ({ package: name, reason }: Record<string, string>) => {
    await call("POST", `packages/${name ?? ""}/withdraw`, { reason });
    return `${name ?? ""} is sold no more.`;
  };
  return (
    <Act label="Sell one no more" danger run={run} onDone={onDone}>
      <label className="field">
        <span className="label">Package</span>
        <select className="input" name="package">
          {packages.map((one) => (
            <option key={one.package}>{one.package}</option>
          ))}
        </select>
      </label>
    </Act>
  );
}

function NewRate({ rate, onDone }: { rate: Rate | undefined; onDone: () => void }) {
  const run = async (said: Record<string, string>) => {
    const body = { cents: typedAmount(said.rate, 2), sure: said.sure === "on", reason: said.reason };
    const made = await call<Rate>("POST", "rates", body);
    return `US$1.00 is ${money(made.cents_per_dollar, "ZWG")} from now on.`;
  };
  return (
    <Act label="New rate" run={run} onDone={onDone}>
      <Field label="ZiG for a dollar" hint="Such as 26.80." name="rate" defaultValue={rate && amount(rate.cents_per_dollar, 2)} inputMode="decimal" pattern="[0-9]{1,6}([.][0-9]{2})?" autoComplete="off" required />
      <label className="ticked">
        <input type="checkbox" name="sure" /> I am sure, though it is less than half or more than twice the last one
      </label>
    </Act>
  );
}
