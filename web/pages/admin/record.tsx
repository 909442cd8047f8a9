import { words } from "../../lib/admin/figures";
import { usePaged } from "../../lib/admin/loading";
import { PAGE, type Act } from "../../lib/admin/people";
import { moment } from "../../lib/time";
import { Frame } from "../../parts/admin/frame";
import { Loaded } from "../../parts/admin/loaded";
import { Subject } from "../../parts/admin/subject";
import { More, Table, type Column } from "../../parts/admin/table";

interface Line extends Act {
  id: number;
  subject: string;
}

/** What operators did, here and at the command line. */
export default function Record() {
  return (
    <Frame title="Record">
      <section className="card">
        <h2>What operators did</h2>
        <p className="soft">Here and at the command line. Nothing is ever taken out of it.</p>
        <Lines />
      </section>
    </Frame>
  );
}

const COLUMNS: Column<Line>[] = [
  { name: "When", cell: ({ at }) => moment(at) },
  { name: "Who", cell: ({ who }) => who },
  { name: "What", cell: ({ act }) => words(act) },
  { name: "On", cell: ({ subject }) => <Subject of={subject} />, long: true },
  { name: "Why", cell: ({ reason }) => reason, long: true },
];

function Lines() {
  const paged = usePaged<Line>(
    (after) => `acts${after === undefined ? "" : `?before=${after.id}`}`,
    (said) => (said as { acts: Line[] }).acts,
    PAGE,
  );
  return (
    <>
      <Loaded of={paged}>
        {(rows) => <Table label="What operators did" columns={COLUMNS} rows={rows} id={({ id }) => id} none="Nothing yet." />}
      </Loaded>
      <More more={paged.more} />
    </>
  );
}
