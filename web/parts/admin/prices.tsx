/** What models cost people, and what they cost us; every change is a new version. */

import { useLoaded } from "../../lib/admin/loading";
import { perMillion, perToken, typedAmount, type Cost, type Price, type Prices as Told } from "../../lib/admin/selling";
import { call } from "../../lib/admin/session";
import { Field } from "../field";
import { Note } from "../note";
import { Act } from "./act";
import { Loaded } from "./loaded";
import { Table, type Column } from "./table";
import { MADE, SINCE } from "./versions";

export function Prices() {
  const loading = useLoaded<Told>("prices");
  return (
    <Loaded of={loading}>
      {(told) => (
        <>
          <section className="card" id="prices">
            <h2>What people pay</h2>
            <p className="soft">
              How many of our tokens one token of the model costs: apart for what it reads and what it writes. A model without a price is
              not asked.
            </p>
            {told.models.some((model) => !told.prices.some((price) => price.model === model)) && (
              <Note tone="warn">{`Without a price: ${told.models.filter((model) => !told.prices.some((price) => price.model === model)).join(", ")}.`}</Note>
            )}
            <Table label="Prices" columns={[...PRICE, SINCE]} rows={told.prices} id={({ model }) => model} none="No model has a price yet." />
            <NewPrice models={told.models} onDone={loading.again} />
          </section>
          <section className="card" id="costs">
            <h2>What we pay</h2>
            <p className="soft">What the model&apos;s maker asks of us for a million of its tokens. Without it the figures know no margin.</p>
            <Table label="Costs" columns={[...COST, SINCE]} rows={told.costs} id={({ model }) => model} none="Nobody has said yet what models cost." />
            <NewCost models={told.models} onDone={loading.again} />
          </section>
          <section className="card" id="history">
            <h2>Versions</h2>
            <h3>Prices</h3>
            <Table label="Versions of prices" columns={[SINCE, ...PRICE, ...MADE]} rows={told.price_history} id={(row) => row.model + row.valid_from} none="None yet." />
            <h3>Costs</h3>
            <Table label="Versions of costs" columns={[SINCE, ...COST, ...MADE]} rows={told.cost_history} id={(row) => row.model + row.valid_from} none="None yet." />
          </section>
        </>
      )}
    </Loaded>
  );
}

const PRICE: Column<Price>[] = [
  { name: "Model", cell: ({ model }) => model },
  { name: "Reading", cell: ({ prompt_millis }) => perToken(prompt_millis), figure: true },
  { name: "Writing", cell: ({ completion_millis }) => perToken(completion_millis), figure: true },
];

const COST: Column<Cost>[] = [
  { name: "Model", cell: ({ model }) => model },
  { name: "A million read", cell: ({ prompt_micros }) => perMillion(prompt_micros), figure: true },
  { name: "A million written", cell: ({ completion_micros }) => perMillion(completion_micros), figure: true },
];

interface NewProps {
  models: string[];
  onDone: () => void;
}

function Models({ models }: { models: string[] }) {
  return (
    <>
      <Field label="Model" name="model" list="models" defaultValue={models[0]} autoComplete="off" spellCheck={false} maxLength={200} required />
      <datalist id="models">
        {models.map((model) => (
          <option key={model} value={model} />
        ))}
      </datalist>
    </>
  );
}

function NewPrice({ models, onDone }: NewProps) {
  const run = async ({ model, prompt, completion, reason }: Record<string, string>) => {
    const body = { model, prompt: typedAmount(prompt, 3), completion: typedAmount(completion, 3), reason };
    await call("POST", "prices", body);
    return `${model ?? ""} has this price from now on; what was asked before keeps its own.`;
  };
  return (
    <Act label="New price" run={run} onDone={onDone}>
      <Models models={models} />
      <div className="two">
        <Field label="Our tokens for one that it reads" hint="Such as 1, 0.25 or 1.5." name="prompt" inputMode="decimal" pattern="[0-9]{1,6}([.][0-9]{1,3})?" autoComplete="off" required />
        <Field label="Our tokens for one that it writes" hint="At least 0.001." name="completion" inputMode="decimal" pattern="[0-9]{1,6}([.][0-9]{1,3})?" autoComplete="off" required />
      </div>
    </Act>
  );
}

function NewCost({ models, onDone }: NewProps) {
  const run = async ({ model, prompt, completion, reason }: Record<string, string>) => {
    const body = { model, prompt: typedAmount(prompt, 6), completion: typedAmount(completion, 6), reason };
    await call("POST", "costs", body);
    return `${model ?? ""} costs this from now on.`;
  };
  return (
    <Act label="New cost" run={run} onDone={onDone}>
      <Models models={models} />
      <div className="two">
        <Field label="US dollars for a million read" hint="Such as 0.15." name="prompt" inputMode="decimal" pattern="[0-9]{1,6}([.][0-9]{1,6})?" autoComplete="off" required />
        <Field label="US dollars for a million written" hint="Such as 0.60." name="completion" inputMode="decimal" pattern="[0-9]{1,6}([.][0-9]{1,6})?" autoComplete="off" required />
      </div>
    </Act>
  );
}
