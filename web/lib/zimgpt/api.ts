/** The HTTP API (docs/reference/http.md), typed. */

import { Caller, PATIENCE } from "./http.js";
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

export class Api extends Caller {
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
