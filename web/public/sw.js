// Keeps the app on the phone, so that opening it again takes no data.
//
// What is named by its content is kept for ever, pages until there is a new version.
// The API and the websocket are never touched: what people said is not kept here. Nor are
// the pages of operators, which would only cost data.

const version = "VERSION";
const pages = ["PAGES"];

const SHELL = `zimgpt-shell-${version}`;
const ASSETS = "zimgpt-assets";

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (/^\/(?:api|ws|healthz|webhooks|v1|admin)(?:[/.]|$)/.test(url.pathname)) return;
  if (event.request.mode === "navigate") event.respondWith(page(event.request, url));
  else event.respondWith(asset(event.request, url));
});

async function install() {
  const shell = await caches.open(SHELL);
  await shell.addAll(["/manifest.webmanifest", "/icon.svg", ...pages.map((name) => address(name))]);
  await self.skipWaiting();
}

// What each page needs comes from the browser's own cache where it was loaded before.
async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("zimgpt-shell-") && name !== SHELL);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
  await tidy(await wanted());
}

// Assets that the pages name; the others belong to a version that is gone.
async function wanted() {
  const shell = await caches.open(SHELL);
  const names = new Set();
  for (const name of pages) {
    const kept = await shell.match(address(name));
    const text = kept ? await kept.text() : "";
    for (const [asset] of text.matchAll(/\/_next\/static\/[^"'\\ ]+/g)) names.add(asset);
  }
  return names;
}

async function tidy(names) {
  const assets = await caches.open(ASSETS);
  const build = [...names].map((name) => /^\/_next\/static\/[^/]+\/_buildManifest/.exec(name)?.[0]);
  const marker = build.find(Boolean);
  const before = await assets.match("/zimgpt-build");
  if (before && (await before.text()) !== marker) {
    for (const request of await assets.keys()) {
      if (!names.has(new URL(request.url).pathname)) await assets.delete(request);
    }
  }
  await assets.put("/zimgpt-build", new Response(marker));
  for (const name of names) {
    if (!(await assets.match(name))) await assets.add(name).catch(() => undefined);
  }
}

// `/chat/[[...id]].html` answers to `/chat` and all below.
function address(name) {
  return name.replace(/\/\[\[.*$/, "").replace(/\.html$/, "").replace(/\/index$/, "/") || "/";
}

function pageOf(path) {
  const exact = pages.find((name) => address(name) === path);
  if (exact) return address(exact);
  const open = pages.find((name) => name.includes("[[") && path.startsWith(address(name) + "/"));
  return open && address(open);
}

async function page(request, url) {
  const name = pageOf(url.pathname);
  const kept = name && (await (await caches.open(SHELL)).match(name));
  return kept || fetch(request).catch(offline);
}

async function offline() {
  const start = await (await caches.open(SHELL)).match("/offline");
  return start || Response.error();
}

async function asset(request, url) {
  if (!url.pathname.startsWith("/_next/static/")) {
    const kept = await (await caches.open(SHELL)).match(url.pathname);
    return kept || fetch(request);
  }
  const assets = await caches.open(ASSETS);
  const kept = await assets.match(url.pathname);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await assets.put(url.pathname, answer.clone());
  return answer;
}
