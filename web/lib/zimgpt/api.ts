/** The HTTP API (docs/reference/http.md), typed. */

import type { Brief, EssayOrder, EssayPrice } from "./essays.js";
import type { Offers, Payment, PaymentWish, Redeemed, Statement } from "./payments.js";

export interface Entered {
  session: { id: string };
  balance: { available: number; held: number };
  token?: string;
  csrf?: string;
}

export interface Me {
  phone: string;
  balance: { available: number; held: number };
  session: { id: string };
  csrf?: string;
}

export interface SessionLine {
  id: string;
  client: string;
  created_at: string;
  seen_at: string;
  current: boolean;
}

export interface Conversation {
  id: string;
  kind: "chat" | "essay";
  title: string;
  updated_at: string;
}

export interface Turn {
  answer: string;
  question: string;
  text: string;
  state: "queued" | "streaming" | "complete" | "interrupted" | "failed";
  cost: number;
  asked_at: string;
  finish?: string;
  note?: string;
  /** The turn that was asked anew by this one. */
  replaces?: string;
}

export interface Price {
  model: string;
  label: string;
  prompt_millis: number;
  completion_millis: number;
  /** What a usual question costs, and an essay of 800 words, in tokens. */
  question: number;
  essay: number;
}

/** Words of the operator to everybody, by language; English is always there. */
export interface Notice {
  id: string;
  texts: { en: string; sn?: string; nd?: string };
  until: string;
}

/** What a key is called and may do; `budget` is tokens in its life, null for no limit. */
export interface KeyWish {
  name: string;
  budget: number | null;
  per_minute: number;
}

/** A key of a person's programs: `hint` is its end, `taken` tokens. */
export interface ApiKey extends KeyWish {
  id: string;
  hint: string;
  taken: number;
  created_at: string;
  used_at: string | null;
}

/** `answer_language` is null where answers are in the language of their questions. */
export interface Preferences {
  answer_language: "en" | "sn" | "nd" | null;
  /** Who asks from the same wallet on WhatsApp; their number may be unknown. */
  whatsapp: { phone: string | null } | null;
}

export type Purpose = "sign_in" | "link" | "password";

/** A phrase that proves a number when it comes from WhatsApp. */
export interface Proof {
  id: string;
  phrase: string;
  link: string;
  expires_in: number;
}

export interface ProofState {
  state: "waiting" | "proved" | "signed_in" | "linked" | "over";
  csrf?: string;
}

/** What the server said no to, or that it was not reached (`code` is `offline`). */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 0,
    /** Seconds after which to try again, where that helps. */
    readonly retry?: number,
  ) {
    super(message);
  }
}

/** Milliseconds after which a request that was not answered is given up. */
const PATIENCE = 20_000;
/** The same for a file, which is made before it comes. */
const FILE_PATIENCE = 60_000;
const NO_CONNECTION = "No connection. Please try again.";

export class Api {
  /** The session's proof that a change comes from our own page; with a cookie only. */
  csrf: string | undefined;
  /** Learns `csrf` anew, where it is missing or of a session that has ended. */
  renew: (() => Promise<unknown>) | undefined;
  /** In which the server writes its sentences: `en`, `sn` or `nd`; else the browser's. */
  language: string | undefined;

  /** `base` is `""` for our own pages, else the server's origin; `token` for programs. */
  constructor(
    private readonly base = "",
    private readonly token?: string,
  ) {}

  /** A page of another site, or a program: it gets a token and no cookie. */
  private get guest(): boolean {
    return this.base !== "";
  }

  /** Calls `/api/v1/PATH`; raises ApiError for everything but a success. */
  async call<T>(method: string, path: string, body?: unknown, patience = PATIENCE): Promise<T> {
    try {
      return await this.once<T>(method, path, body, patience);
    } catch (error) {
      // Nothing was done: once more, with the proof that the server wants.
      if (!(error instanceof ApiError) || error.code !== "csrf_refused" || !this.renew) throw error;
      await this.renew();
      return this.once<T>(method, path, body, patience);
    }
  }

  /** A file, whole, and the name that the server gives it. */
  async file(path: string): Promise<{ name: string; content: Blob }> {
    const reply = await this.reply("GET", path, undefined, FILE_PATIENCE);
    const content = await reply.blob().catch(() => {
      throw new ApiError("offline", NO_CONNECTION);
    });
    const said = reply.headers.get("Content-Disposition") ?? "";
    const [, starred] = /filename\*=UTF-8''([^;]+)/i.exec(said) ?? [];
    const [, plain] = /filename="?([^";]+)/i.exec(said) ?? [];
    return { name: starred ? decodeURIComponent(starred) : (plain ?? "zimgpt"), content };
  }

  private async once<T>(method: string, path: string, body: unknown, patience: number): Promise<T> {
    const reply = await this.reply(method, path, body, patience);
    return JSON.parse((await reply.text().catch(() => "")) || "null") as T;
  }

  /** A success; raises ApiError for everything else. */
  private async reply(method: string, path: string, body: unknown, patience: number): Promise<Response> {
    const reply = await fetch(`${this.base}/api/v1/${path}`, {
      method,
      headers: this.headers(body !== undefined),
      signal: AbortSignal.timeout(patience),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch(() => {
      throw new ApiError("offline", NO_CONNECTION);
    });
    if (reply.ok) return reply;
    const said: unknown = JSON.parse((await reply.text().catch(() => "")) || "null");
    const { code, message } = (said as { error: { code: string; message: string } }).error;
    const retry = Number(reply.headers.get("Retry-After")) || undefined;
    throw new ApiError(code, message, reply.status, retry);
  }

  private headers(json: boolean): Record<string, string> {
    return {
      ...(json ? { "Content-Type": "application/json" } : {}),
      ...(this.language === undefined ? {} : { "Accept-Language": this.language }),
      ...(this.token === undefined ? {} : { Authorization: `Bearer ${this.token}` }),
      ...(this.csrf === undefined ? {} : { "X-ZG-CSRF": this.csrf }),
    };
  }

  me(): Promise<Me> {
    return this.call("GET", "me");
  }

  prices(): Promise<{ models: Price[] }> {
    return this.call("GET", "prices");
  }

  /** `client` is what the person will know this session by. */
  signUp(phone: string, password: string, client = ""): Promise<Entered> {
    return this.call("POST", "accounts", { phone, password, client, token: this.guest });
  }

  signIn(phone: string, password: string, client = ""): Promise<Entered> {
    return this.call("POST", "sessions", { phone, password, client, token: this.guest });
  }

  signOut(): Promise<null> {
    return this.call("DELETE", "sessions/current");
  }

  prove(purpose: Purpose): Promise<Proof> {
    return this.call("POST", "proofs", { purpose });
  }

  /** Answers when there is news, or after `wait` seconds. */
  proof(id: string, wait = 25): Promise<ProofState> {
    return this.call("GET", `proofs/${id}?wait=${wait}`, undefined, PATIENCE + 1000 * wait);
  }

  provedPassword(id: string, password: string): Promise<Entered> {
    return this.call("POST", `proofs/${id}/password`, { password });
  }

  about(): Promise<{ whatsapp: boolean }> {
    return this.call("GET", "about");
  }

  notices(): Promise<{ notices: Notice[] }> {
    return this.call("GET", "notices");
  }

  preferences(): Promise<Preferences> {
    return this.call("GET", "preferences");
  }

  prefer(answerLanguage: Preferences["answer_language"]): Promise<Preferences> {
    return this.call("PATCH", "preferences", { answer_language: answerLanguage });
  }

  sessions(): Promise<{ sessions: SessionLine[] }> {
    return this.call("GET", "sessions");
  }

  revoke(session: string): Promise<null> {
    return this.call("DELETE", `sessions/${session}`);
  }

  keys(): Promise<{ keys: ApiKey[] }> {
    return this.call("GET", "keys");
  }

  /** `secret` is told this once. */
  makeKey(wish: KeyWish): Promise<{ key: ApiKey; secret: string }> {
    return this.call("POST", "keys", wish);
  }

  changeKey(key: string, wish: Partial<KeyWish>): Promise<ApiKey> {
    return this.call("PATCH", `keys/${key}`, wish);
  }

  revokeKey(key: string): Promise<null> {
    return this.call("DELETE", `keys/${key}`);
  }

  signOutEverywhere(): Promise<null> {
    return this.call("DELETE", "sessions");
  }

  changePassword(current: string, password: string, client = ""): Promise<Entered> {
    return this.call("POST", "me/password", { current, password, client, token: this.guest });
  }

  /** Closes the account for good. */
  leave(password: string): Promise<null> {
    return this.call("DELETE", "me", { password });
  }

  conversations(query: { search?: string; before?: string; limit?: number } = {}) {
    return this.call<{ conversations: Conversation[] }>("GET", "conversations" + asked(query));
  }

  /**
   * With `replaced_by`, an answer, those whose place it took; with `after` what came since
   * that answer, or `turn_replaced`. Without `texts` the words of answers are left out.
   */
  turns(
    conversation: string,
    query: {
      before?: string;
      after?: string;
      limit?: number;
      replaced_by?: string;
      texts?: boolean;
    } = {},
  ) {
    return this.call<{ turns: Turn[] }>(
      "GET",
      `conversations/${conversation}/turns${asked(query)}`,
    );
  }

  rename(conversation: string, title: string): Promise<{ id: string; title: string }> {
    return this.call("PATCH", `conversations/${conversation}`, { title });
  }

  remove(conversation: string): Promise<null> {
    return this.call("DELETE", `conversations/${conversation}`);
  }

  /** What is sold; all lists are empty where nothing is. */
  offers(): Promise<Offers> {
    return this.call("GET", "packages");
  }

  pay(wish: PaymentWish): Promise<Payment> {
    return this.call("POST", "payments", wish);
  }

  payments(query: { before?: string; limit?: number } = {}) {
    return this.call<{ payments: Payment[] }>("GET", "payments" + asked(query));
  }

  /** With `wait`, seconds, it comes when there is a later version than `version`. */
  payment(id: string, version = 0, wait = 0): Promise<Payment> {
    const place = `payments/${id}?version=${version}&wait=${wait}`;
    return this.call("GET", place, undefined, PATIENCE + 1000 * wait);
  }

  /** "I have paid": the gateway is asked at once. */
  checkPayment(id: string): Promise<Payment> {
    return this.call("POST", `payments/${id}/check`);
  }

  payWithCode(id: string, code: string): Promise<Payment> {
    return this.call("POST", `payments/${id}/code`, { code });
  }

  /** A code on paper; sent twice it gives once. */
  redeem(code: string): Promise<Redeemed> {
    return this.call("POST", "vouchers", { code });
  }

  /** `month` is written 2026-11. */
  statement(month: string): Promise<Statement> {
    return this.call("GET", `statement?month=${month}`);
  }

  /** What an essay, or its outline, would cost; nothing is ordered. */
  essayPrice(text: string, brief: Brief): Promise<EssayPrice> {
    return this.call("POST", "essays/price", { text, brief });
  }

  essay(answer: string): Promise<EssayOrder> {
    return this.call("GET", `essays/${answer}`);
  }
}

function asked(query: Record<string, string | number | boolean | undefined>): string {
  const said = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(said.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}
