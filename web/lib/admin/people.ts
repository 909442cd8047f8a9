/** People as `/admin/api/users` tells of them: rows of the database. */

export interface Person {
  id: number;
  phone: string | null;
  created_at: string;
  banned_at: string | null;
  available: number;
  held: number;
}

export interface Move {
  at: string;
  kind: string;
  amount: number;
  balance: number;
  key: string;
  reason: string | null;
  version: number;
}

export interface Act {
  at: string;
  who: string;
  act: string;
  reason: string;
}

export interface Story {
  person: Person & {
    ban_reason: string | null;
    has_password: boolean;
    locked_until: string | null;
    sessions: number;
    conversations: number;
    questions: number;
    under_way: number;
  };
  contacts: { id: number; language: string; opted_out_at: string | null; heard_at: string | null; created_at: string }[];
  payments: { id: string; created_at: string; state: string; amount_minor: number; currency: string; tokens: number; merchant_ref: string }[];
  acts: Act[];
}

/** Rows of one page of a list. */
export const PAGE = 50;
