/** The service worker, which keeps the app on the phone (public/sw.js). */

/** Registers it; a browser that cannot, or may not, works as well without. */
export function keepApp(): void {
  if (!("serviceWorker" in navigator) || process.env.NODE_ENV !== "production") return;
  navigator.serviceWorker.register("/sw.js").catch(() => undefined);
}
