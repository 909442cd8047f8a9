/**
 * What was asked elsewhere in the conversation that is open: loaded when there is such news,
 * for most visits end without.
 */

import { heard } from "./heard";
import { api, connection } from "./session";
import { beingWritten, hold, PAGE, type Kept, type Line } from "./talk";
import { ApiError, over, type Answer, type Turn } from "./zimgpt/index.js";

/**
 * Fetches what was asked elsewhere in what is open, without words that are here already;
 * those that are not are read like answers under way. `shown` is what the reader sees.
 */
export async function catchUp(shown: readonly Line[]): Promise<void> {
  const { talk, mine, put } = hold();
  const { id } = talk;
  if (id === undefined) return;
  const as = heard(id);
  const before = shown.slice(0, shown.findLastIndex(settled) + 1);
  const past = ours(id).filter(over);
  const news = connection().elsewhere.get(id);
  const gone = news?.type === "replaced" && shown.some((line) => named(line) === news.answer);
  try {
    const found = gone ? undefined : await since(id, before.at(-1));
    if (!mine()) return;
    if (found === undefined) return await whole(shown);
    const here = [...talk.turns, ...folded(before)];
    const has = new Set(here.map((turn) => turn.answer));
    const fresh = found.filter((turn) => !has.has(turn.answer));
    if (fresh.length === 0) return put({ ...talk, as });
    const turns = [...here, ...fresh.map(unread)];
    put({ ...talk, turns, as });
    settle(id, past, turns);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "not_found") throw error;
    if (mine()) put({ ...talk, state: "failed", error, as });
  }
}

/** Looks at the whole latest page again; words that are here already stay. */
export async function whole(shown: readonly Line[]): Promise<void> {
  const { talk, mine, put } = hold();
  const { id } = talk;
  if (id === undefined) return;
  const as = heard(id);
  const past = ours(id).filter(over);
  const { turns: found } = await api.turns(id, { limit: PAGE, texts: false });
  if (!mine()) return;
  const here = [...talk.turns, ...folded(shown)];
  const known = new Map(here.map((turn) => [turn.answer, turn]));
  const latest = found.map((turn) => {
    const one = known.get(turn.answer);
    return one && !beingWritten(one) ? one : unread(turn);
  });
  const all = found.length < PAGE;
  const place = all ? -1 : here.findIndex((turn) => turn.answer === found[0]?.answer);
  const turns = [...here.slice(0, Math.max(place, 0)), ...latest];
  put({ id, turns, more: !all && (place < 0 || talk.more), state: "ready", as });
  settle(id, past, turns);
}

/** What came after a line; undefined if it has no place any more, or too much came. */
async function since(id: string, line: Line | undefined): Promise<Turn[] | undefined> {
  const after = line && named(line);
  const place = after === undefined ? {} : { after };
  try {
    const { turns } = await api.turns(id, { ...place, limit: PAGE, texts: false });
    return turns.length < PAGE ? turns : undefined;
  } catch (error) {
    if (error instanceof ApiError && error.code === "turn_replaced") return undefined;
    throw error;
  }
}

/** Answers of this page that belong to a conversation. */
function ours(id: string): Answer[] {
  return [...connection().answers.values()].filter((one) => one.conversation === id);
}

/**
 * Of answers that had ended, those that are not among the turns have made room for others:
 * they go, unless one that is still being written may have to give their place back.
 */
function settle(id: string, past: readonly Answer[], turns: readonly Kept[]): void {
  if (ours(id).some((one) => one.ask?.replaces !== undefined && !over(one))) return;
  const has = new Set(turns.map((turn) => turn.answer));
  for (const one of past) {
    if (one.answer !== undefined && !has.has(one.answer)) connection().forget(one.key);
  }
}

/** Answers of this page as the server keeps them. */
function folded(shown: readonly Line[]): Kept[] {
  return shown.filter((line) => !line.turn && settled(line)).flatMap(({ answer }) => (answer ? kept(answer) : []));
}

function kept({ answer, ask, text, state, cost, finish }: Answer): Kept[] {
  if (answer === undefined) return [];
  const one: Kept = {
    answer,
    question: ask?.text ?? "",
    text,
    state: state === "failed" ? "failed" : "complete",
    cost: cost ?? 0,
    asked_at: "",
    ...(finish === undefined ? {} : { finish }),
    ...(ask?.replaces === undefined ? {} : { replaces: ask.replaces }),
  };
  return [one];
}

function unread(turn: Turn): Kept {
  return turn.state === "failed" ? turn : { ...turn, unread: true };
}

/** Whether a line has ended, as the server knows, too. */
function settled({ turn, answer }: Line): boolean {
  if (answer) return answer.answer !== undefined && (answer.state === "done" || answer.state === "failed");
  return turn !== undefined && !beingWritten(turn);
}

function named({ turn, answer }: Line): string | undefined {
  return turn?.answer ?? answer?.answer;
}
