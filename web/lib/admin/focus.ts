/** Where typing goes: to the first field of a form that has just come. */

import { useLayoutEffect, useRef } from "react";

/** At once, not after the next picture: whoever types by then is not moved. */
export function useFirstField() {
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => form.current?.querySelector<HTMLInputElement>("input, textarea, select")?.focus(), []);
  return form;
}
