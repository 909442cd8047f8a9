/** What waits, runs or is dead. */

import { useRouter } from "next/router";
import { span } from "../../lib/admin/figures";
import { useLoaded } from "../../lib/admin/loading";
import { capital, KINDS, type Job, type JobCount, type JobList } from "../../lib/admin/works";
import { count } from "../../lib/texts";
import { Link } from "../link";
import { Note } from "../note";
import { Loaded } from "./loaded";
import { Table, type Column } from "./table";

const STATES = ["dead", "queued", "running", "failed"] as const;

export const TAGS: Record<string, string> = { dead: "tag bad", failed: "tag warn", running: "tag good", done: "tag good" };

export function Jobs({ state }: { state: string }) {
  const router = useRouter();
  const loading = useLoaded<JobList>(`jobs?state=${encodeURIComponent(state)}`);
  const choose = (one: string) => void router.replace({ pathname: "/admin/jobs", query: { state: one } }, undefined, { shallow: true });
  return (
    <Loaded of={loading}>
      {({ jobs, counts }) => (
        <>
          <Counts of={counts} />
          <section className="card" id="jobs">
            <div className="row apart">
              <h2>Jobs</h2>
              <button className="button quiet" onClick={loading.again}>
                Look again
              </button>
            </div>
            <div className="segments many" role="radiogroup" aria-label="Which jobs">
              {STATES.map((one) => (
                <label key={one} className="segment">
                  <input type="radio" name="state" value={one} checked={state === one} onChange={() => choose(one)} />
                  <span>{capital(one)}</span>
                </label>
              ))}
            </div>
            <Table label="Jobs" columns={COLUMNS} rows={jobs} id={({ id }) => id} none={NONE[state] ?? "No such jobs."} />
          </section>
        </>
      )}
    </Loaded>
  );
}

const NONE: Record<string, string> = {
  dead: "No job is dead. Nothing needs you here.",
  queued: "Nothing waits.",
  running: "Nothing runs just now.",
  failed: "No job was dropped.",
};

const COLUMNS: Column<Job>[] = [
  { name: "Job", cell: ({ id }) => <Link href={`/admin/jobs/${id}`}>{id.slice(0, 8)}</Link> },
  { name: "What", cell: ({ kind }) => KINDS[kind] ?? kind },
  { name: "State", cell: ({ state }) => <span className={TAGS[state] ?? "tag"}>{state}</span> },
  { name: "Attempts", cell: ({ attempts, max_attempts }) => `${attempts} of ${max_attempts}`, figure: true },
  { name: "Age", cell: ({ age }) => span(age), figure: true },
  { name: "Lease", cell: lease },
  { name: "Last error", cell: ({ last_error }) => last_error ?? "", long: true },
];

function lease({ lease_owner, lease_left }: Job) {
  if (lease_owner === null || lease_left === null) return "";
  return lease_left < 0 ? <span className="tag bad">{`${lease_owner}, run out`}</span> : `${lease_owner}, ${span(lease_left)} left`;
}

function Counts({ of: counts }: { of: JobCount[] }) {
  if (counts.length === 0) return <Note tone="good">Nothing waits, nothing runs, and no job is dead.</Note>;
  return (
    <dl className="counts">
      {counts.map(({ state, kind, number, age, lapsed }) => (
        <div key={state + kind} className={state === "dead" || lapsed > 0 ? "tile alarm" : "tile"} data-count={`${state} ${kind}`}>
          <dt>{`${KINDS[kind] ?? kind}, ${state}`}</dt>
          <dd>
            <strong className="figure">{count(number)}</strong>
            <span className="soft small-text">{`oldest ${span(Math.max(age, 0))} ago${lapsed ? `; ${count(lapsed)} with a lease that ran out` : ""}`}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
