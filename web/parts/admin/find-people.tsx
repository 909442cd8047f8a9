/** A field for a number, or a part of one. */

import { useRouter } from "next/router";
import type { FormEvent } from "react";
import { Field } from "../field";
import { Icon } from "../icon";

export function FindPeople({ digits = "" }: { digits?: string }) {
  const router = useRouter();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = String(new FormData(event.currentTarget).get("digits"));
    void router.push(`/admin/users?digits=${encodeURIComponent(said)}`);
  };
  return (
    <form className="find" role="search" onSubmit={submit}>
      <Field
        label="Number"
        hint="All of it or some of its digits; nothing for the newest people."
        name="digits"
        inputMode="tel"
        autoComplete="off"
        defaultValue={digits}
        key={digits}
      />
      <button className="button">
        <Icon of="search" small /> Search
      </button>
    </form>
  );
}
