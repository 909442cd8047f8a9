/** What operators did, who it was, and why. */

import { words } from "../../lib/admin/figures";
import type { Act } from "../../lib/admin/people";
import { moment } from "../../lib/time";
import { Table } from "./table";

export function Acts({ acts }: { acts: Act[] }) {
  return (
    <section className="card" id="acts">
      <h2>What operators did</h2>
      <Table
        label="What operators did"
        columns={[
          { name: "When", cell: ({ at }) => moment(at) },
          { name: "Who", cell: ({ who }) => who },
          { name: "What", cell: ({ act }) => words(act) },
          { name: "Why", cell: ({ reason }) => reason, long: true },
        ]}
        rows={acts}
        id={({ at, act }) => at + act}
        none="Nothing yet."
      />
    </section>
  );
}
