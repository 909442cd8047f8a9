/** Where typing goes: to the first field of a form that has just come. */

import { useEffect, useRef } from "react";

export function useFirstField() {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLInputElement>("input, textarea, select")?.focus(), []);
  return form;
}
