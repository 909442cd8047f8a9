import { Frame } from "../../parts/admin/frame";
import { FindPeople } from "../../parts/admin/find-people";

/** Where operators begin. */
export default function Today() {
  return (
    <Frame title="Today">
      <section className="card">
        <h2>Find somebody</h2>
        <FindPeople />
      </section>
    </Frame>
  );
}
