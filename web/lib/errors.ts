/** What went wrong, as the reader's own sentence; the server's where we have none. */

import type { Key, Texts } from "./texts";
import { ApiError } from "./zimgpt/index.js";

const SENTENCES: Record<string, Key> = {
  offline: "error.offline",
  wrong_password: "error.wrong_password",
  phone_invalid: "error.phone_invalid",
  phone_taken: "error.phone_taken",
  password_weak: "error.password_weak",
  too_many_tries: "error.too_many_tries",
  too_many_sign_ups: "error.too_fast",
  too_fast: "error.too_fast",
  too_many_answers: "error.too_fast",
  too_many_sockets: "error.too_fast",
  banned: "error.banned",
  busy: "error.busy",
  documents_busy: "error.busy",
  too_many_proofs: "error.busy",
  unavailable: "error.unavailable",
  internal: "error.internal",
  not_found: "error.not_found",
  title_invalid: "error.title_invalid",
  insufficient_tokens: "error.insufficient_tokens",
  question_too_long: "error.question_too_long",
  question_empty: "error.question_empty",
  question_unstorable: "error.question_unstorable",
  id_reused: "error.id_reused",
  not_written: "error.not_written",
  document_failed: "error.document_failed",
  turn_replaced: "error.turn_replaced",
  turn_open: "error.turn_open",
  no_price: "error.no_price",
  unreachable: "error.unreachable",
  gave_up: "error.gave_up",
  expired: "error.expired",
  stopped: "error.unbegun",
  stop: "error.silent",
  length: "error.silent",
  filtered: "error.silent",
  cut: "error.silent",
  payments_off: "error.payments_off",
  price_changed: "error.price_changed",
  package_unknown: "error.price_changed",
  currency_off: "error.price_changed",
  no_rate: "error.no_rate",
  method_off: "error.method_off",
  phone_without_wallet: "error.phone_without_wallet",
  payment_id_reused: "error.payment_id_reused",
  too_many_payments: "error.too_many_payments",
  code_wrong: "error.code_wrong",
  no_code_awaited: "error.no_code_awaited",
  brief_invalid: "error.brief_invalid",
  beneficiary_unknown: "error.beneficiary_unknown",
  voucher_malformed: "error.voucher_malformed",
  voucher_unknown: "error.voucher_unknown",
  voucher_used: "error.voucher_used",
  voucher_expired: "error.voucher_expired",
  voucher_revoked: "error.voucher_revoked",
  too_many_keys: "error.too_many_keys",
  too_many_vouchers: "error.too_many_vouchers",
  not_signed_in: "error.not_signed_in",
  no_number: "error.no_number",
  too_slow: "error.offline",
  too_large: "error.question_too_long",
  // What a page says wrongly that is older than the server, or was taken elsewhere.
  bad_request: "error.reload",
  csrf_refused: "error.reload",
  origin_refused: "error.reload",
  method_not_allowed: "error.reload",
  not_json: "error.reload",
};

/** `code` is the server's; `message` its English sentence. */
export function sentence({ t, language }: Texts, code = "", message = ""): string {
  const key = SENTENCES[code];
  // In English the server's own words may say more than ours.
  return key !== undefined && (language !== "en" || !message) ? t(key) : message || t("error.internal");
}

export function explained(texts: Texts, error: unknown): string {
  if (!(error instanceof ApiError)) return texts.t("error.internal");
  if (error.code === "offline") return texts.t("error.offline");
  return sentence(texts, error.code, error.message);
}
