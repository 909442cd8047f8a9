/** People in whose numbers some digits stand, the newest first. */

import { usePaged } from "../../lib/admin/loading";
import { PAGE, type Person } from "../../lib/admin/people";
import { count } from "../../lib/texts";
import { moment } from "../../lib/time";
import { Link } from "../link";
import { FindPeople } from "./find-people";
import { Loaded } from "./loaded";
import { More, Table, type Column } from "./table";

const COLUMNS: Column<Person>[] = [
  { name: "Person", cell: ({ id }) => <Link href={`/admin/users/${id}`}>{`Person ${id}`}</Link> },
  { name: "Number", cell: ({ phone }) => phone ?? "none" },
  { name: "Since", cell: ({ created_at }) => moment(created_at) },
  { name: "State", cell: ({ banned_at }) => (banned_at ? <span className="tag bad">banned</span> : <span className="tag good">active</span>) },
  { name: "Available", cell: ({ available }) => count(available), figure: true },
  { name: "Held", cell: ({ held }) => count(held), figure: true },
];

export function People({ digits }: { digits: string }) {
  const paged = usePaged<Person>(
    (after) => `users?digits=${encodeURIComponent(digits)}${after === undefined ? "" : `&before=${after.id}`}`,
    (said) => (said as { users: Person[] }).users,
    PAGE,
  );
  return (
    <section className="card">
      <h2>{digits ? "People found" : "The newest people"}</h2>
      <FindPeople digits={digits} />
      <Loaded of={paged}>
        {(users) => <Table label="People" columns={COLUMNS} rows={users} id={({ id }) => id} none="Nobody's number has these digits." />}
      </Loaded>
      <More more={paged.more} />
    </section>
  );
}
