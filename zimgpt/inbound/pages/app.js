// Speaks zimgpt.v1 (docs/reference/protocol.md). Words are put in as text, never as HTML.
"use strict";
const $ = (id) => document.getElementById(id);
const DEAD = 1e4; // ms of silence
const tokens = (n) => n.toLocaleString("en") + ` token${n === 1 ? "" : "s"}`;
const say = (text) => { $("status").textContent = text; };
const balance = (n) => { if (n >= 0) $("balance").textContent = tokens(n) + " left"; };

let kept = { turns: [], ...JSON.parse(sessionStorage.zimgpt || "{}") }; // over reloads
let inside, socket, here, last, back, retry, alarm, saving, tries = 0;

function keep() {
  saving = 0;
  if (inside) sessionStorage.zimgpt = JSON.stringify({ ...kept, turns: kept.turns.slice(-20) });
}
function forget(phone, slow) {
  sessionStorage.clear();
  kept = { turns: [], phone, slow };
  $("talk").replaceChildren();
}

const open = () => kept.turns.find((turn) => !turn.over);
const box = (turn) => $("talk").children[kept.turns.indexOf(turn)];
const down = () => scrollTo(0, document.body.scrollHeight);
function draw(turn) {
  const low = innerHeight + scrollY > document.body.scrollHeight - 60;
  if (!box(turn)) $("talk").append($("turn").content.cloneNode(true));
  const [asked, text, note] = box(turn).children;
  asked.textContent = turn.ask.text;
  if (!turn.text.startsWith(text.textContent)) text.textContent = "";
  text.append(turn.text.slice(text.textContent.length));
  note.textContent = turn.note || "";
  if (low) down();
}
function refresh() {
  const busy = !!open();
  $("enter").hidden = inside;
  $("ask").hidden = $("me").hidden = !inside;
  $("go").textContent = busy ? "Stop" : "Ask";
  $("fresh").hidden = busy;
  $("slow").checked = kept.slow;
  keep();
}
function end(turn, note) {
  Object.assign(turn, { over: true, note });
  draw(turn);
  refresh();
  say(`The answer has ended. ${note}`);
}

const send = (message) => socket?.readyState === 1 && !socket.send(JSON.stringify(message));
function resume({ over, answer, e, s, ask, stopped }) {
  if (over) return;
  send(answer ? { type: "read", answer, epoch: e, seq: s } : ask);
  if (stopped) send({ type: "stop", answer });
}
function place(turn, { a, e, s = 0 }) {
  if (turn.e !== e || turn.s !== s) turn.text = "";
  Object.assign(turn, { e, s });
  here.set(a, turn);
  draw(turn);
  keep();
}
function write({ a = last, s, t }) {
  last = a;
  const turn = here.get(a);
  turn.s = s ?? turn.s + 1;
  turn.text += t;
  draw(turn);
  saving ||= setTimeout(keep, 400); // not each time
}
function hear(m) {
  const named = ({ ask, answer }) => m.id === ask.id || (answer && answer === (m.answer || m.id));
  const turn = here.get(m.a) || kept.turns.find(named);
  balance(m.balance ?? m.available);
  if (m.type === "bye") back = 1000 * m.retry;
  else if (m.type === "error") refused(m, turn);
  else if (m.type === "accepted") {
    Object.assign(turn, { answer: m.answer, note: m.note });
    if (turn.ask.kind === "chat") kept.chat = m.conversation;
    say(`Writing. It will cost ${tokens(m.hold)} at most.`);
    place(turn, m);
  } else if (m.type === "reading" || m.type === "reset") {
    say(m.type === "reset" ? "The answer begins again." : turn.stopped ? "Stopping…" : "Writing.");
    place(turn, m);
  } else if (m.type === "done") end(turn, `${m.note || ""} Cost: ${tokens(m.cost)}.`.trim());
  else if (m.type === "failed") end(turn, `${m.message} It cost nothing.`);
}
function refused({ code, message, retry: s = 2 }, turn) {
  if (code === "not_signed_in") return leave(message);
  say(message);
  if (!turn) return;
  if (/^un|^too|^int/.test(code)) setTimeout(resume, (s + 3 * Math.random()) * 1e3, turn);
  else if (turn.answer) end(turn, message);
  else { // back to their box
    if (code === "not_found") delete kept.chat;
    box(turn).remove();
    kept.turns.pop();
    $("text").value ||= turn.ask.text;
    refresh();
  }
}

function drop() {
  [alarm, retry].forEach(clearTimeout);
  if (socket) socket.onmessage = socket.onclose = null;
  socket?.close();
}
function connect() {
  drop();
  socket = new WebSocket(location.origin.replace("http", "ws") + "/ws", "zimgpt.v1");
  let next = begin; // perhaps signed out
  here = new Map();
  alarm = setTimeout(again, DEAD, begin);
  socket.onopen = () => {
    next = connect;
    if (kept.slow) send({ type: "pace", slow: true });
    kept.turns.forEach(resume);
  };
  socket.onmessage = ({ data }) => {
    clearTimeout(alarm);
    if (tries) say("");
    tries = 0;
    const m = JSON.parse(data);
    "t" in m ? write(m) : hear(m);
  };
  socket.onclose = ({ code }) => code === 4401 ? leave("You were signed out.") : again(next);
}
function again(how) {
  drop();
  say(navigator.onLine ? "Connecting again…" : "You are offline. Nothing is lost.");
  retry = setTimeout(how, back ?? Math.min(DEAD, 500 * 2 ** tries++) * (0.5 + Math.random() / 2));
  back = undefined;
}
function wake({ type, persisted = 1 }) { // back: network or reader
  if (document.hidden || !persisted) keep();
  else if (!inside) $("enter").hidden && begin();
  else if (type[0] !== "v" || !send({ type: "ping" })) connect();
  else {
    clearTimeout(alarm);
    alarm = setTimeout(connect, DEAD);
  }
}

async function call(method, path, said) {
  const headers = { "Content-Type": "application/json", "X-ZG-CSRF": call.csrf }, body = JSON.stringify(said);
  const signal = AbortSignal.timeout?.(2 * DEAD);
  try {
    const reply = await fetch("/api/v1/" + path, { method, headers, body, signal });
    return { status: reply.status, ...JSON.parse(await reply.text() || "{}") };
  } catch { return { error: { message: "No connection. Please try again." } }; }
}
async function begin() {
  const { status, phone, balance: wallet, csrf } = await call("GET", "me");
  if (status === 401) return leave("Sign in, or choose a password and sign up.");
  if (status !== 200) return again(begin);
  if (kept.phone !== phone) forget(phone);
  inside = true;
  call.csrf = csrf;
  balance(wallet.available);
  kept.turns.forEach(draw);
  refresh();
  connect();
}
function leave(why) {
  drop();
  inside = false;
  forget();
  refresh();
  say(why);
}
$("enter").onsubmit = async (event) => {
  event.preventDefault();
  say("One moment…");
  const { error } = await call("POST", event.submitter.value,
    { phone: $("phone").value, password: $("password").value });
  if (error) return say(error.message);
  $("password").value = "";
  say("");
  await begin();
  $("text").focus();
};
$("out").onclick = async () => {
  drop();
  const { error } = await call("DELETE", "sessions/current");
  if (!error) return leave("You are signed out.");
  connect();
  say(error.message);
};
$("ask").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value, busy = open();
  if (busy) {
    if (!busy.answer) return; // a second click
    busy.stopped = true;
    return resume(busy);
  }
  if (!text.trim()) return;
  const id = crypto.getRandomValues(new Uint32Array(4)).join("-");
  const ask = { type: "ask", id, kind: event.target.kind.value, text };
  if (ask.kind === "chat") ask.conversation = kept.chat;
  const turn = { ask, e: 0, s: 0, text: "" };
  kept.turns.push(turn);
  $("text").value = "";
  say("Sending…");
  draw(turn);
  refresh();
  down();
  send(ask);
};
$("text").onkeydown = (event) => {
  if (event.key !== "Enter" || event.shiftKey || matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  if (!open()) $("go").click();
};
$("slow").onchange = ({ target }) => {
  kept.slow = target.checked;
  keep();
  send({ type: "pace", slow: kept.slow });
};
$("fresh").onclick = () => {
  forget(kept.phone, kept.slow);
  refresh();
  $("text").focus();
};
addEventListener("online", wake);
addEventListener("pageshow", wake);
document.addEventListener("visibilitychange", wake);
call("GET", "prices").then(({ models: [{ label, model } = {}] = [] }) => {
  if (label !== model) $("model").textContent = label;
});
begin();
