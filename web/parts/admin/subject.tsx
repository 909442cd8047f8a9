/** What an act was done to; a way there, where it has a page. */

import { Link } from "../link";

const PLACES: Record<string, string> = { user: "/admin/users/", payment: "/admin/payments/" };

export function Subject({ of: subject }: { of: string }) {
  const [kind = "", id = ""] = subject.split(" ");
  const place = PLACES[kind];
  if (place === undefined) return subject;
  return <Link href={place + id}>{kind === "user" ? `Person ${id}` : `${kind} ${id.slice(0, 8)}…`}</Link>;
}
