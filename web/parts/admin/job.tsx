/** One job: what is known of it but its words, and what can be done. */

import { useLoaded } from "../../lib/admin/loading";
import { call } from "../../lib/admin/session";
import { capital, KINDS, type JobStory, type Row } from "../../lib/admin/works";
import { moment } from "../../lib/time";
import { Link } from "../link";
import { Act } from "./act";
import { Acts } from "./acts";
import { Facts } from "./facts";
import { TAGS } from "./jobs";
import { Loaded } from "./loaded";

export function OneJob({ id }: { id: string }) {
  const loading = useLoaded<JobStory>(`jobs/${id}`);
  return (
    <Loaded of={loading}>
      {(story) => (
        <>
          <div className="columns">
            <section className="card" id="job">
              <h2>
                {KINDS[story.job.kind] ?? story.job.kind} <span className={TAGS[story.job.state] ?? "tag"}>{story.job.state}</span>
              </h2>
              {story.job.last_error !== null && <p className="wrapped">{story.job.last_error}</p>}
              <Values of={story.job} without={["last_error", "kind", "state"]} />
            </section>
            <Doing story={story} onDone={loading.again} />
          </div>
          <div className="columns">
            {story.answer && <Part title="Answer" of={story.answer} />}
            <div className="stack">
              {story.hold && <Part title="Hold" of={story.hold} />}
              {story.outbox.map((row, at) => (
                <Part key={at} title="Outbox" of={row} />
              ))}
            </div>
          </div>
          <Acts acts={story.acts} />
        </>
      )}
    </Loaded>
  );
}

function Part({ title, of }: { title: string; of: Row }) {
  return (
    <section className="card">
      <h2>{title}</h2>
      <Values of={of} />
    </section>
  );
}

const MOMENT = /(_at|_until|run_after)$/;

function Values({ of: row, without = [] }: { of: Row; without?: string[] }) {
  const shown = Object.entries(row).filter(([name]) => !without.includes(name));
  return <Facts of={shown.map(([name, value]) => [capital(name), said(name, value)])} />;
}

function said(name: string, value: Row[string] | undefined) {
  if (name === "user_id" && value) return <Link href={`/admin/users/${String(value)}`}>{`Person ${String(value)}`}</Link>;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return value.toLocaleString("en");
  return value && MOMENT.test(name) ? moment(value) : value;
}

function Doing({ story: { job, answer }, onDone }: { story: JobStory; onDone: () => void }) {
  const retried = job.state === "dead" || job.state === "failed";
  const dropped = job.state === "dead" || job.state === "queued";
  const act = (verb: "retry" | "drop", done: string) => async ({ reason }: Record<string, string>) => {
    await call("POST", `jobs/${job.id}/${verb}`, { reason });
    return done;
  };
  return (
    <section className="card" id="doing">
      <h2>Do something</h2>
      {!retried && !dropped && <p className="soft">There is nothing to be done: it is {job.state}.</p>}
      <div className="acts">
        {retried && (
          <Act
            label="Try again"
            about={answer ? "It gets five more attempts, and its answer a new hold on the same wallet." : "It gets five more attempts."}
            run={act("retry", "It will be tried again within a few seconds.")}
            onDone={onDone}
          />
        )}
        {dropped && (
          <Act
            label="Drop"
            danger
            about="It is ended for good; what was set aside for it goes back. It cannot be tried again."
            run={act("drop", "It was dropped.")}
            onDone={onDone}
          />
        )}
      </div>
    </section>
  );
}
