/** Payments as `/admin/api/payments` tells of them: rows of the database. */

import type { Act } from "./people";

export interface PaymentRow {
  id: string;
  merchant_ref: string;
  provider_ref: string | null;
  state: string;
  reason: string | null;
  amount_minor: number;
  currency: string;
  tokens: number;
  package: string;
  method: string;
  phone_e164: string | null;
  channel: string;
  user_id: number;
  payer_id: number;
  created_at: string;
  credited_at: string | null;
  age: number;
}

export interface Evidence {
  at: string;
  source: string;
  status: string | null;
  amount_minor: number | null;
  provider_ref: string | null;
  hash_ok: boolean | null;
  matched: boolean | null;
  note: string | null;
  body: string | null;
  seen_count: number | null;
}

export interface Transfer {
  created_at: string;
  kind: string;
  key: string;
  tokens: number;
  balance_after: number;
  reason: string | null;
}

export interface PaymentStory {
  payment: Omit<PaymentRow, "age"> & {
    provider: string;
    clawed: boolean;
    package_version: number;
    cents_per_dollar: number | null;
    can_be_polled: boolean;
    sent_at: string | null;
  };
  polls: {
    polls: number;
    found_nothing: number;
    unanswered: number;
    hinted_at: string | null;
    looked_at: string | null;
    next_poll_at: string | null;
  };
  events: Evidence[];
  transfers: Transfer[];
  acts: Act[];
}

/** States by which payments are looked for. */
export const STATES = [
  "review",
  "disputed",
  "credited",
  "pending",
  "sent",
  "unknown",
  "created",
  "cancelled",
  "failed",
  "refunded",
];

/** How grave a state is, in colour. */
export function tone(state: string): string {
  if (state === "credited") return "tag good";
  if (state === "review" || state === "unknown") return "tag warn";
  if (state === "disputed" || state === "failed") return "tag bad";
  return "tag";
}

/** What a person is to do about one that does not settle by itself. */
export function advice(state: string): string {
  if (state === "review") return "Compare it with the gateway's list; then approve, credit or dismiss.";
  if (state === "disputed") return "Answer the gateway. If it is won, reinstate.";
  return "Look at the gateway's list, and have it checked.";
}
