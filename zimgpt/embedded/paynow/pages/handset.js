// Everybody's handset: the prompts of wallets, and what became of them.

const find = (id) => document.getElementById(id);
const WALLETS = { ecocash: "EcoCash", onemoney: "OneMoney", innbucks: "InnBucks", omari: "O’mari", web: "Paynow’s page" };
const PAID = ["Paid", "Awaiting Delivery", "Delivered"];
const opened = new Set(); // payments whose evidence is shown
let shown = ""; // what is drawn, to leave it alone when nothing changed

function make(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

const clock = (at) => new Date(at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });

async function act(one, name) {
  const reply = await fetch(`payments/${one.guid}/${name}`, { method: "POST" });
  if (!reply.ok) console.warn(`${name}: ${reply.status}`);
  refresh();
}

function button(one, name, words, className = "") {
  return make("button", { className, onclick: () => act(one, name) }, words);
}

// ---- what waits for a hand

function prompt(one) {
  const sum = `${one.currency} ${one.amount}`;
  switch (one.method) {
    case "innbucks":
      return [make("p", {}, `Pay ${sum} with this code in the InnBucks app:`), make("p", { className: "code" }, one.code)];
    case "omari":
      return [make("p", {}, "SMS from O’mari: your code is"), make("p", { className: "code" }, one.code),
        make("p", { className: "soft" }, "Type it where you buy; nothing is to be pressed here.")];
    case "web":
      return [make("p", {}, "Is to be paid on "), make("p", {}, make("a", { href: one.checkout, target: "_blank", rel: "noopener" }, "the checkout page"))];
    default:
      return [make("p", {}, `Pay ${sum} to ZimGPT? Enter your ${WALLETS[one.method]} PIN.`)];
  }
}

function choices(one) {
  const no = button(one, "cancel", "Cancel");
  switch (one.method) {
    case "innbucks":
      return [button(one, "approve", "Pay the code", "deed"), button(one, "expire", "Let it expire"), no];
    case "omari":
      return [no];
    case "web":
      return [button(one, "approve", "Faked Success", "deed"), no];
    default:
      return [button(one, "approve", "Approve", "deed"), button(one, "wrong-pin", "Wrong PIN"),
        button(one, "no-funds", "No funds"), button(one, "ignore", "Ignore")];
  }
}

function waiting(one) {
  return make("li", { className: "card" },
    make("div", { className: "whose" }, make("b", {}, one.phone || "A browser"), make("span", { className: `tag ${one.method}` }, WALLETS[one.method])),
    make("div", { className: "prompt" }, ...prompt(one)),
    make("div", { className: "acts" }, ...choices(one)),
    evidence(one));
}

// ---- what became of it

function later(one) {
  if (one.status === "Awaiting Delivery") return [button(one, "deliver", "Delivered"), button(one, "dispute", "Dispute"), button(one, "refund", "Refund")];
  if (PAID.includes(one.status)) return [button(one, "dispute", "Dispute"), button(one, "refund", "Refund")];
  if (one.status === "Disputed") return [button(one, "refund", "Refund")];
  if (["Cancelled", "Failed"].includes(one.status)) return [button(one, "late", "Paid after all")];
  return [];
}

function answers(call) {
  if (!call.answers.length) return call.over ? "not sent" : "on its way";
  const said = call.answers.map((code) => code || "no answer").join(", ");
  return call.over ? said : `${said}, to be repeated`;
}

function evidence(one) {
  const steps = one.history.map(([at, status]) => make("li", {}, `${clock(at)} ${status}`));
  const calls = one.calls.map((call) => make("li", {},
    make("span", {}, `${clock(call.at)} callback${call.kind ? ` (forged: ${call.kind})` : ""}: ${answers(call)}`),
    make("code", {}, call.body)));
  const details = make("details", { open: opened.has(one.guid) },
    make("summary", {}, `${one.calls.length} callback${one.calls.length === 1 ? "" : "s"}`),
    make("ul", {}, ...steps, ...calls), button(one, "tell", "Send a callback again"));
  details.ontoggle = () => opened[details.open ? "add" : "delete"](one.guid);
  return details;
}

function past(one) {
  const kind = PAID.includes(one.status) ? "good" : ["Disputed", "Refunded"].includes(one.status) ? "odd" : "bad";
  const status = one.ignored && !PAID.includes(one.status) ? `${one.status} (ignored)` : one.status;
  return make("li", { className: "card" },
    make("div", { className: "whose" }, make("b", {}, `${one.currency} ${one.amount}`), make("span", { className: `state ${kind}` }, status)),
    make("p", { className: "soft" }, `${WALLETS[one.method]}${one.phone ? ` of ${one.phone}` : ""} · ${one.info || one.reference}`),
    make("p", { className: "soft small" }, `${one.reference} · Paynow ${one.number}`),
    make("div", { className: "acts" }, ...later(one)),
    evidence(one));
}

function draw({ payments }) {
  const next = JSON.stringify(payments);
  if (next === shown) return;
  shown = next;
  const open = payments.filter((one) => ["Created", "Sent"].includes(one.status) && !one.ignored);
  const rest = payments.filter((one) => !open.includes(one));
  find("waiting").replaceChildren(...open.map(waiting));
  find("past").replaceChildren(...rest.map(past));
  find("nothing").hidden = open.length > 0;
  find("none").hidden = rest.length > 0;
  document.title = open.length ? `(${open.length}) Handset` : "Handset";
}

async function refresh() {
  const reply = await fetch("payments/");
  draw(await reply.json());
}

let pending = 0; // one look for many changes
function changed() {
  find("presence").textContent = "";
  pending ||= setTimeout(() => { pending = 0; refresh().catch(console.warn); }, 60);
}
const events = new EventSource("events");
events.onmessage = changed;
events.onopen = changed;
events.onerror = () => { find("presence").textContent = "Waiting for the gateway…"; };
