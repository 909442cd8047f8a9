/** Broadcasts and jobs as their rooms tell of them: rows of the database. */

import type { Act } from "./people";

export interface Broadcast {
  id: string;
  texts: Record<string, string>;
  whatsapp: boolean;
  web: boolean;
  made_at: string;
  until: string;
  sent: number;
  waiting: number;
  who: string | null;
  reason: string | null;
}

export interface Job {
  id: string;
  kind: string;
  state: string;
  attempts: number;
  max_attempts: number;
  created_at: string;
  /** Seconds since it was taken. */
  age: number;
  lease_owner: string | null;
  lease_left: number | null;
  last_error: string | null;
}

/** What jobs are about, as operators say it. */
export const KINDS: Record<string, string> = {
  chat: "Chat",
  essay: "Essay",
  wa_inbound: "WhatsApp heard",
  wa_send: "WhatsApp sent",
  payment_poll: "Payment",
};

export function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
}

export interface JobCount {
  state: string;
  kind: string;
  number: number;
  oldest: string;
  age: number;
  lapsed: number;
}

export interface JobList {
  jobs: Job[];
  counts: JobCount[];
}

export type Row = Record<string, string | number | boolean | null>;

export interface JobStory {
  job: Row & { id: string; kind: string; state: string; attempts: number; max_attempts: number; last_error: string | null };
  answer: Row | null;
  hold: Row | null;
  outbox: Row[];
  acts: Act[];
}
