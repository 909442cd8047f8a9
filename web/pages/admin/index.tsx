import { FindPeople } from "../../parts/admin/find-people";
import { Frame } from "../../parts/admin/frame";
import { Queue } from "../../parts/admin/payments";
import { DeadJobs, SoFar } from "../../parts/admin/today";

/** Where operators begin: what needs them, and a way to whoever is asking for help. */
export default function Today() {
  return (
    <Frame title="Today">
      <Queue />
      <DeadJobs />
      <SoFar />
      <section className="card">
        <h2>Find somebody</h2>
        <FindPeople />
      </section>
    </Frame>
  );
}
