import { useRouter } from "next/router";
import { Frame } from "../../../parts/admin/frame";
import { People } from "../../../parts/admin/people";
import { OnePerson } from "../../../parts/admin/person";

/** People who were searched for, or one of them. */
export default function Users() {
  const { isReady, query } = useRouter();
  const id = Array.isArray(query.id) ? query.id[0] : undefined;
  const digits = typeof query.digits === "string" ? query.digits : "";
  return (
    <Frame title={id === undefined ? "People" : `Person ${id}`}>
      {isReady && (id === undefined ? <People digits={digits} /> : <OnePerson key={id} id={id} />)}
    </Frame>
  );
}
