import { FindPeople } from "../../parts/admin/find-people";
import { Frame } from "../../parts/admin/frame";
import { Queue } from "../../parts/admin/payments";

/** Where operators begin: what needs them, and a way to whoever is asking for help. */
export default function Today() {
  return (
    <Frame title="Today">
      <Queue />
      <section className="card">
        <h2>Find somebody</h2>
        <FindPeople />
      </section>
    </Frame>
  );
}
