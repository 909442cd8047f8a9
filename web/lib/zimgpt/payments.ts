/** Buying tokens (docs/reference/http.md). */

export type Currency = "USD" | "ZWG";
export type Method = "ecocash" | "onemoney" | "innbucks" | "omari" | "web";

export interface Offer {
  id: string;
  tokens: number;
  /** `amount` in cents, `price` as people write it. */
  prices: { currency: Currency; amount: number; price: string }[];
}

export interface Offers {
  currencies: Currency[];
  methods: { id: Method; phone: boolean }[];
  packages: Offer[];
}

export interface PaymentWish {
  id: string;
  package: string;
  currency: Currency;
  amount: number;
  method: Method;
  phone?: string;
  /** Whose tokens they will be, if not the payer's. */
  beneficiary?: string;
}

/** What a voucher gave, and the balance afterwards; `repeat`: it was given before. */
export interface Redeemed {
  tokens: number;
  available: number;
  repeat: boolean;
}

export type Prompt =
  | { kind: "approve"; words?: string }
  | { kind: "code"; code: string; expires?: string; links?: string[]; qr: string }
  | { kind: "otp"; reference?: string }
  | { kind: "visit"; url: string };

export type PaymentState =
  | "waiting"
  | "checking"
  | "credited"
  | "cancelled"
  | "failed"
  | "review"
  | "disputed"
  | "refunded";

export interface Payment {
  id: string;
  client_id: string;
  version: number;
  state: PaymentState;
  method: Method;
  amount: number;
  currency: Currency;
  price: string;
  tokens: number;
  package: string;
  reference: string;
  created_at: string;
  text: string;
  /** The sentence to show; over the websocket in English. */
  message: string;
  gateway_reference?: string;
  phone?: string;
  prompt?: Prompt;
  reason?: string;
  credited_at?: string;
  beneficiary?: string;
}

export interface Movement {
  at: string;
  kind:
    | "chat"
    | "clawback"
    | "essay"
    | "grant"
    | "other"
    | "picture"
    | "purchase"
    | "refund"
    | "voice"
    | "voucher"
    | "welcome";
  tokens: number;
  balance: number;
  count?: number;
  title?: string;
  conversation?: string | null;
  payment?: { reference: string } | null;
}

/** A month of a wallet: `opening` and all movements add up to `closing`. */
export interface Statement {
  month: string;
  opening: number;
  closing: number;
  movements: Movement[];
}
