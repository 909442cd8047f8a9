/** What a day, a week or a month was: a line of figures and their charts. */

import { money } from "../../lib/admin/figures";
import { useLoaded } from "../../lib/admin/loading";
import {
  dollars,
  full,
  named,
  short,
  shortDollars,
  sum,
  tick,
  waited,
  whole,
  type Line,
  type Span,
  type Statistics,
} from "../../lib/admin/statistics";
import { capital } from "../../lib/admin/works";
import { Link } from "../link";
import { Note } from "../note";
import { Chart, Charts } from "./chart";
import { Loaded } from "./loaded";
import { StretchBar, useChosen } from "./stretch";
import { Tiles } from "./tiles";

export function Dashboard() {
  const [chosen, choose] = useChosen();
  const day = chosen.day && `&day=${encodeURIComponent(chosen.day)}`;
  const loading = useLoaded<Statistics>(`figures?span=${chosen.span}${day}`);
  return (
    <div className="stack dashboard">
      <StretchBar chosen={chosen} choose={choose} shown={loading.data} again={loading.again} />
      <Loaded of={loading}>{(told) => <Told key={told.span + told.first} of={told} />}</Loaded>
    </div>
  );
}

/** What all charts of a stretch have in common. */
interface Axis {
  ticks: string[];
  names: string[];
  of: string;
}

function Told({ of: told }: { of: Statistics }) {
  const axis: Axis = {
    ticks: told.moments.map((moment) => tick(told.span, moment)),
    names: told.moments.map((moment) => named(told.span, moment)),
    of: WHOLES[told.span],
  };
  return (
    <>
      <Tiles of={told} />
      {sum(told.uncosted) > 0 && <Uncosted answers={sum(told.uncosted)} />}
      {isEmpty(told) && <p className="empty card">Nothing happened in this time.</p>}
      <div className="grid-of-charts" hidden={isEmpty(told)}>
        <Questions of={told} axis={axis} />
        <Tokens of={told} axis={axis} />
        <Revenue of={told} axis={axis} />
        <Margin of={told} axis={axis} />
        <Waits of={told} axis={axis} />
        <Messages of={told} axis={axis} />
      </div>
    </>
  );
}

function isEmpty(told: Statistics): boolean {
  const lines = [...Object.values(told.channels), told.sold, told.given, told.spent, told.payments, told.cents, told.free];
  return [...lines, ...Object.values(told.charged)].flat().every((number) => number === 0);
}

const WHOLES: Record<Span, string> = { day: "the whole day", week: "the whole week", month: "the whole month" };

function Uncosted({ answers }: { answers: number }) {
  return (
    <Note tone="warn">
      {`Of ${full(answers)} ${answers === 1 ? "answer" : "answers"} nobody has told us what the model costs, so cost and margin are not known. `}
      <Link href="/admin/prices">Say what models cost.</Link>
    </Note>
  );
}

interface PartProps {
  of: Statistics;
  axis: Axis;
}

const CHANNELS: [string, string][] = [
  ["web", "Web"],
  ["whatsapp", "WhatsApp"],
  ["api", "API"],
];

function Questions({ of: told, axis }: PartProps) {
  const line = (values: number[], name: string, tone: number) => ({ name, tone, values: past(told, values), total: sum(values) });
  return (
    <Charts title="Questions">
      <Chart
        title="By channel"
        form="stacked"
        series={CHANNELS.map(([key, name], at) => line(told.channels[key] ?? [], name, at + 1))}
        short={short}
        full={full}
        {...axis}
      />
      <Chart
        title="By kind"
        form="stacked"
        series={[line(told.kinds.chat ?? [], "Chats", 4), line(told.kinds.essay ?? [], "Essays", 3)]}
        short={short}
        full={full}
        low
        {...axis}
      />
    </Charts>
  );
}

function Tokens({ of: told, axis }: PartProps) {
  const line = (values: number[], name: string, tone: number) => ({ name, tone, values: past(told, values), total: sum(values) });
  return (
    <Charts title="Tokens">
      <Chart
        title="In wallets"
        form="lines"
        series={[line(told.sold, "Sold", 1), line(told.spent, "Spent", 2), line(told.given, "Given", 3)]}
        short={short}
        full={full}
        {...axis}
      />
      <Chart
        title="In models"
        form="stacked"
        series={[line(told.prompt, "Read", 5), line(told.completion, "Written", 1)]}
        short={short}
        full={full}
        low
        {...axis}
      />
    </Charts>
  );
}

const CURRENCIES: [string, string, number][] = [
  ["USD", "US dollars", 1],
  ["ZWG", "ZiG", 2],
];

function Revenue({ of: told, axis }: PartProps) {
  return (
    <Charts title="Revenue" about="What was paid, less what went back, in the currency in which it was paid.">
      {CURRENCIES.map(([code, name, tone]) => {
        const values = told.revenue[code] ?? [];
        return (
          <Chart
            key={code}
            title={`In ${name}`}
            form="stacked"
            series={[{ name, tone, values: past(told, values), total: sum(values) }]}
            short={(cents) => short(cents / 100)}
            full={(cents) => money(cents, code)}
            low
            {...axis}
          />
        );
      })}
    </Charts>
  );
}

function Margin({ of: told, axis }: PartProps) {
  const came = told.cents.map((cents) => cents * 10_000);
  return (
    <Charts title="Cost and margin" about="ZiG counts as the price of its package in dollars. Tokens are paid for before they are used.">
      <Chart
        title="Came in, and cost"
        form="inside"
        series={[
          { name: "Came in", tone: 1, values: past(told, came), total: sum(came) },
          { name: "Models cost", tone: 6, values: past(told, told.cost), total: whole(told.cost) },
        ]}
        short={shortDollars}
        full={dollars}
        low
        {...axis}
      />
      <Chart
        title="Margin"
        form="stacked"
        series={[{ name: "Margin", tone: 1, values: past(told, told.margin), total: whole(told.margin) }]}
        short={shortDollars}
        full={dollars}
        low
        {...axis}
      />
    </Charts>
  );
}

function Waits({ of: told, axis }: PartProps) {
  const line = (key: "first_half" | "first_most" | "whole_half" | "whole_most", name: string, tone: number) => ({
    name,
    tone,
    values: told.waits.map((one) => one?.[key] ?? null),
    total: told.overall?.[key] ?? null,
  });
  return (
    <Charts title="Waiting" about="How long half of the people waited, and nineteen of twenty.">
      <Chart
        title="Until the first words"
        form="lines"
        series={[line("first_half", "Half", 1), line("first_most", "19 of 20", 2)]}
        short={seconds}
        full={waited}
        low
        {...axis}
      />
      <Chart
        title="Until the whole answer"
        form="lines"
        series={[line("whole_half", "Half", 1), line("whole_most", "19 of 20", 2)]}
        short={seconds}
        full={waited}
        low
        {...axis}
      />
    </Charts>
  );
}

function seconds(milliseconds: number): string {
  return `${short(milliseconds / 1_000)} s`;
}

function Messages({ of: told, axis }: PartProps) {
  const categories = Object.entries(told.charged);
  return (
    <Charts title="WhatsApp" about="Messages as Meta counts them. What a charged one costs depends on its category and country.">
      <Chart
        title="Messages"
        form="stacked"
        series={[
          ...categories.map(([name, values], at) => ({ name: `${capital(name)}, charged`, tone: [2, 6, 4, 3][at % 4] ?? 2, values: past(told, values), total: sum(values) })),
          { name: "Free", tone: 5, values: past(told, told.free), total: sum(told.free) },
        ]}
        short={short}
        full={full}
        {...axis}
      />
    </Charts>
  );
}

/** What is still to come is unknown, and not nothing. */
function past(told: Statistics, values: Line): Line {
  const now = Date.now();
  return told.moments.map((moment, at) => (Date.parse(moment) > now ? null : (values[at] ?? null)));
}
