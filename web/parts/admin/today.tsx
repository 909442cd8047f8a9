/** What else is looked at first: jobs that died, and today so far in a line of figures. */

import { useLoaded } from "../../lib/admin/loading";
import { full, sum, type Statistics } from "../../lib/admin/statistics";
import type { JobList } from "../../lib/admin/works";
import { Link } from "../link";
import { Note } from "../note";
import { Loaded } from "./loaded";
import { Tiles } from "./tiles";

export function SoFar() {
  const loading = useLoaded<Statistics>("figures?span=day");
  return (
    <section className="stack" id="so-far" aria-label="Today so far">
      <div className="row apart">
        <h2>Today so far</h2>
        <Link href="/admin/figures?span=day">All figures</Link>
      </div>
      <Loaded of={loading}>{(told) => <Tiles of={told} />}</Loaded>
    </section>
  );
}

/** Nothing is said while nothing is dead. */
export function DeadJobs() {
  const { data } = useLoaded<JobList>("jobs?state=dead");
  const dead = sum((data?.counts ?? []).filter(({ state }) => state === "dead").map(({ number }) => number));
  if (dead === 0) return null;
  return (
    <Note tone="warn">
      {dead === 1 ? "One job is dead. " : `${full(dead)} jobs are dead. `}
      <Link href="/admin/jobs">Look at what happened.</Link>
    </Note>
  );
}
