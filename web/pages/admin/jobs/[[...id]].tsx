import { useRouter } from "next/router";
import { Frame } from "../../../parts/admin/frame";
import { OneJob } from "../../../parts/admin/job";
import { Jobs } from "../../../parts/admin/jobs";

/** Jobs of one state, or one of them. */
export default function JobPages() {
  const { isReady, query } = useRouter();
  const id = Array.isArray(query.id) ? query.id[0] : undefined;
  const state = typeof query.state === "string" ? query.state : "dead";
  return (
    <Frame title={id === undefined ? "Jobs" : `Job ${id.slice(0, 8)}`}>
      {isReady && (id === undefined ? <Jobs state={state} /> : <OneJob key={id} id={id} />)}
    </Frame>
  );
}
