/** Wakes a client when the browser says that the network or the reader is back. */

import type { Client } from "./client.js";

/** Listens for as long as the page lives; returns what ends that. */
export function wakes(client: Client, page: Window = window): () => void {
  const online = () => client.wake(true);
  const shown = (event: PageTransitionEvent) => event.persisted && client.wake(true);
  const visible = () => (page.document.hidden ? client.flush() : client.wake(false));
  const hidden = () => client.flush();
  page.addEventListener("online", online);
  page.addEventListener("pageshow", shown);
  page.addEventListener("pagehide", hidden);
  page.document.addEventListener("visibilitychange", visible);
  return () => {
    page.removeEventListener("online", online);
    page.removeEventListener("pageshow", shown);
    page.removeEventListener("pagehide", hidden);
    page.document.removeEventListener("visibilitychange", visible);
  };
}
