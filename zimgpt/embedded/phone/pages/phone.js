// A person's phone: the chats of the people on this machine with the business.
import { make, marked, unmarked } from "./markup.js";

const find = (id) => document.getElementById(id);
let mine = null; // whose phone is shown
let quoted = null; // the message that is replied to
let shown = ""; // what the chat shows now, to leave it alone when nothing changed
let ending = 0; // the timer of the typing indicator

async function ask(path, body, headers = { "content-type": "application/json" }) {
  const init = body === undefined ? {} : { method: "POST", headers, body };
  const reply = await fetch(`phones/${path}`, init);
  if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
  return body === undefined ? reply.json() : null;
}

const act = (name, said) => ask(`${mine}/${name}`, JSON.stringify(said)).catch(console.warn);
const clock = (at) => new Date(at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
const day = (at) => new Date(at * 1000).toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });

function words(bubble) {
  const { kind, content } = bubble;
  if (kind === "text") return unmarked(content.body);
  if (kind === "interactive") return unmarked(content.body?.text ?? content.button_reply?.title ?? content.list_reply?.title ?? "");
  return unmarked(content.caption || "") || content.filename || { audio: "Voice note", image: "Picture" }[kind] || kind;
}

// ---- one message

function file(content, kind) {
  const name = content.filename || kind;
  const ending = name.includes(".") ? name.split(".").pop().slice(0, 4) : kind.slice(0, 3);
  return make("a", { className: "file", href: `files/${content.id}`, download: name },
    make("span", { className: "kind" }, ending.toUpperCase()),
    make("span", {}, make("b", {}, name), make("small", { className: "soft" }, "Tap to download")));
}

function inside({ kind, content }) {
  if (kind === "text") return marked(content.body);
  if (kind === "interactive") {
    const chosen = content.button_reply ?? content.list_reply;
    if (chosen) return [make("p", {}, chosen.title), ...(chosen.description ? [make("small", { className: "soft" }, chosen.description)] : [])];
    const header = content.header?.text ? [make("p", {}, make("strong", {}, content.header.text))] : [];
    const footer = content.footer ? [make("p", { className: "footer" }, content.footer.text)] : [];
    return [...header, ...marked(content.body.text), ...footer];
  }
  const caption = content.caption ? marked(content.caption) : [];
  if (kind === "image") return [make("img", { src: `files/${content.id}`, alt: content.caption || "Picture" }), ...caption];
  if (kind === "audio") return [make("audio", { src: `files/${content.id}`, controls: true })];
  if (kind === "document") return [file(content, kind), ...caption];
  return [make("p", { className: "soft" }, kind)];
}

function choices({ wamid, kind, content }) {
  if (kind !== "interactive" || !content.action) return [];
  const { buttons, sections, button, parameters } = content.action;
  const made = [];
  for (const { reply } of buttons ?? [])
    made.push(make("button", { type: "button", onclick: () => act("tap", { wamid, id: reply.id }) }, reply.title));
  if (sections) made.push(make("button", { type: "button", onclick: () => choose(wamid, button, sections) }, `☰ ${button}`));
  if (parameters) made.push(make("a", { href: parameters.url, target: "_blank", rel: "noopener noreferrer" }, `↗ ${parameters.display_text}`));
  return made.length ? [make("div", { className: "choices" }, ...made)] : [];
}

function ticks(bubble) {
  if (bubble.ours) return [];
  const read = bubble.state === "read";
  return [make("span", { className: read ? "ticks read" : "ticks", title: read ? "Read" : "Delivered" }, "✓✓")];
}

function row(bubble, all) {
  const original = all.find((other) => other.wamid === bubble.reply_to);
  const quote = original ? [make("div", { className: "quoted" }, make("span", {}, words(original)))] : [];
  const meta = make("div", { className: "meta" }, clock(bubble.at), ...ticks(bubble));
  const reply = make("button", { className: "icon reply", title: "Reply", onclick: () => quoting(bubble) }, "↩");
  reply.setAttribute("aria-label", "Reply to this");
  const item = make("li", { className: bubble.ours ? "theirs" : "mine" },
    make("div", { className: "bubble" }, ...quote, ...inside(bubble), meta), ...choices(bubble), reply);
  item.dataset.wamid = bubble.wamid;
  return item;
}

// ---- the chat

function draw({ person, bubbles, typing_until, now }) {
  const left = typing_until - now;
  clearTimeout(ending);
  if (left > 0) ending = setTimeout(refresh, left * 1000 + 100);
  find("presence").textContent = left > 0 ? "typing…" : "online";
  find("whose").textContent = `${person.name}’s phone`;
  const next = JSON.stringify([person.id, bubbles, left > 0]);
  if (next === shown) return;
  shown = next;
  const list = find("bubbles");
  const rows = [];
  let last = "";
  for (const bubble of bubbles) {
    if (day(bubble.at) !== last) rows.push(make("li", { className: "day" }, (last = day(bubble.at))));
    rows.push(row(bubble, bubbles));
  }
  if (left > 0) {
    const dots = make("div", { className: "bubble" }, make("i"), make("i"), make("i"));
    rows.push(make("li", { className: "typing" }, dots));
  }
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 120;
  list.replaceChildren(...rows);
  if (atEnd || !bubbles.at(-1)?.ours) list.scrollTop = list.scrollHeight;
}

async function refresh() {
  const people = await ask("");
  find("people").replaceChildren(...people.map(entry));
  if (!mine) return;
  draw(await ask(mine));
  const unread = people.find((person) => person.id === mine)?.unread;
  if (unread && document.visibilityState === "visible") act("seen", {});
}

function entry(person) {
  const number = person.shows_phone ? `+${person.phone}` : "no number shown";
  const last = person.last ? words(person.last).replaceAll("\n", " ") : "Nothing yet";
  const button = make("button", { onclick: () => open(person.id) },
    make("span", { className: "face" }, person.name[0]),
    make("span", { className: "names" }, make("b", {}, person.name), make("small", {}, number), make("div", { className: "last" }, last)),
    ...(person.unread && person.id !== mine ? [make("span", { className: "unread" }, String(person.unread))] : []));
  if (person.id === mine) button.setAttribute("aria-current", "true");
  return make("li", {}, button);
}

function open(id) {
  mine = id;
  shown = "";
  location.hash = id ?? "";
  find("chat").hidden = !id;
  find("nobody").hidden = Boolean(id);
  find("face").textContent = "Z";
  quoting(null);
  refresh().then(() => { find("bubbles").scrollTop = 1e9; }).catch(console.warn);
  if (id && matchMedia("(hover: hover)").matches) find("text").focus();
}

function choose(wamid, title, sections) {
  find("list-title").textContent = title;
  find("rows").replaceChildren(...sections.flatMap((section) => [
    ...(section.title ? [make("h2", {}, section.title)] : []),
    ...section.rows.map((line) => make("button", {
      onclick: () => { find("list").close(); act("tap", { wamid, id: line.id }); },
    }, line.title, ...(line.description ? [make("small", {}, line.description)] : []))),
  ]));
  find("list").showModal();
}

function quoting(bubble) {
  quoted = bubble;
  find("quote").hidden = !bubble;
  if (bubble) { find("quote").firstElementChild.textContent = words(bubble); find("text").focus(); }
}

// ---- what hands do

function send() {
  const text = find("text").value;
  if (!text.trim()) return;
  act("say", { text, reply_to: quoted?.wamid });
  find("text").value = "";
  quoting(null);
}

find("compose").onsubmit = (event) => { event.preventDefault(); send(); };
find("text").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
};
find("quote").lastElementChild.onclick = () => quoting(null);
find("back").onclick = () => open(null);
find("list").querySelector("header button").onclick = () => find("list").close();
find("list").onclick = (event) => { if (event.target === find("list")) find("list").close(); };
find("file").onchange = async ({ target }) => {
  const [chosen] = target.files;
  if (!chosen) return;
  const query = new URLSearchParams({ name: chosen.name, caption: find("text").value });
  find("text").value = "";
  await ask(`${mine}/give?${query}`, chosen, { "content-type": chosen.type || "application/octet-stream" }).catch(console.warn);
  target.value = "";
};
document.onvisibilitychange = () => refresh().catch(console.warn);

let waiting = 0; // one look for many changes
function changed() {
  waiting ||= setTimeout(() => { waiting = 0; refresh().catch(console.warn); }, 60);
}
const events = new EventSource("events");
events.onmessage = changed;
events.onopen = changed;
events.onerror = () => { find("presence").textContent = "waiting for the phone’s network…"; };
open(decodeURIComponent(location.hash.slice(1)) || null);
