/** Whether the page listens yet: its words come before its script, on 2G long before. */

import { useSyncExternalStore } from "react";

const never = () => () => undefined;

/** False in the page as it comes, true once its script answers to who uses it. */
export function useAlive(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
