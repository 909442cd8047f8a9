/**
 * A connection that never gives up, and the answers that come over it.
 *
 *     const client = new Client({ url: "wss://zimgpt.example/ws", token });
 *     client.subscribe(() => show([...client.answers.values()]));
 *     client.connect();
 *     client.ask({ text: "What is rain?" });
 *
 * Questions may be asked at any time: what cannot be sent now is sent later, once.
 */

import { asked, connected, following, found, hear, hearing, over, type Answer } from "./answers.js";
import type { Accepted, Ask, Asked, Frame, Replaced, Request } from "./frames.js";
import { isText } from "./frames.js";
import { frameBytes } from "./meter.js";
import type { Payment } from "./payments.js";
import { noStore, type Store } from "./store.js";
import { wait } from "./waits.js";

/** `lost`: it is gone, and will be tried again; `out`: signed out; `shut`: we closed it. */
export type Link = "shut" | "connecting" | "open" | "lost" | "out";

export interface Wallet {
  readonly available: number;
  readonly held: number;
}

export interface Options {
  /** `wss://…/ws`. */
  url: string;
  /** For pages of other sites; our own are known by their cookie. */
  token?: string;
  store?: Store;
  /** Whether text is to come about once a second, in fewer frames. */
  slow?: boolean;
  /**
   * Asked after a connection that was refused, for browsers do not tell why: false
   * means signed out. Where it cannot tell it throws, and we try again.
   */
  signedIn?: () => Promise<boolean>;
  /** Stand-ins for tests. */
  WebSocket?: new (url: string, protocols: string[]) => WebSocket;
  random?: () => number;
  newId?: () => string;
}

/** Milliseconds without a sign of life after which a connection counts as dead. */
const SILENCE = 10_000;
/** Milliseconds between two savings of an answer that is being written. */
const SAVING = 400;

export class Client {
  readonly answers: Map<string, Answer>;
  link: Link = "shut";
  wallet: Wallet | undefined;
  /** Payments that were heard of, by id: the latest version of each. */
  readonly payments = new Map<string, Payment>();
  /** The last question of each conversation that was asked on another device. */
  readonly elsewhere = new Map<string, Asked | Replaced>();
  /** The conversation in which something was asked last, here or on another device. */
  active: string | undefined;
  /** Connections so far: what is told between two of them is not heard. */
  opened = 0;
  /** Grows with each question, wherever it was asked, and with each connection. */
  news = 0;
  /** Bytes of frames, both ways, since this client was made. */
  bytes = 0;
  /** Grows with each change: what a view compares. */
  version = 0;

  private readonly memory;
  private readonly store: Store;
  private socket: WebSocket | undefined;
  private alarm: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private saving: ReturnType<typeof setTimeout> | undefined;
  private readonly unsaved = new Set<string>();
  private readonly repeats = new Set<ReturnType<typeof setTimeout>>();
  private readonly listeners = new Set<(key?: string) => void>();
  private tries = 0;
  private told: number | undefined;

  constructor(private readonly options: Options) {
    this.store = options.store ?? noStore();
    this.memory = hearing(new Map(this.store.load().map((one) => [one.key, one])));
    this.answers = this.memory.answers;
  }

  /** Calls `listener` after each change, with the key of the answer that changed. */
  subscribe(listener: (key?: string) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Connects, and from now on keeps connected. */
  connect(): void {
    if (this.link === "connecting" || this.link === "open") return;
    this.tries = 0;
    this.dial();
  }

  /** Lets go; answers go on being written at the server. */
  close(): void {
    this.drop();
    this.flush();
    for (const one of this.repeats) clearTimeout(one);
    this.repeats.clear();
    this.become("shut");
  }

  /**
   * Asks, now or as soon as there is a connection; returns the answer's key. With
   * `after`, the key of another, it goes when that one is over, into its conversation.
   */
  ask(question: Omit<Ask, "type" | "id">, after?: string): string {
    const id = (this.options.newId ?? newId)();
    const one = asked({ type: "ask", id, ...question }, after);
    this.answers.set(id, one);
    this.store.save(one);
    this.resume(one);
    this.changed(id);
    return id;
  }

  /** Follows an answer that began elsewhere, unless it is followed already. */
  read(answer: string): string {
    for (const one of this.answers.values()) if (one.answer === answer) return one.key;
    const one = found(answer);
    this.answers.set(one.key, one);
    this.resume(one);
    this.changed(one.key);
    return one.key;
  }

  /** Ends an answer; a question that was not sent yet is taken back. */
  stop(key: string): void {
    const one = this.answers.get(key);
    if (one === undefined || over(one)) return;
    if (one.after !== undefined) return this.forget(key); // never sent
    const stopped = { ...one, stopped: true };
    this.answers.set(key, stopped);
    this.keep(key);
    if (stopped.answer) this.send({ type: "stop", answer: stopped.answer }, key);
    this.changed(key);
  }

  /** Takes an answer off the list, here alone. */
  forget(key: string): void {
    this.released(key);
    this.answers.delete(key);
    this.store.forget(key);
    this.changed(key);
  }

  /** Text about once a second, or as it comes. */
  pace(slow: boolean): void {
    this.options.slow = slow;
    this.send({ type: "pace", slow });
  }

  /**
   * The network or the reader is back: connects at once, or makes sure that a
   * connection that looks alive is.
   */
  wake(certain: boolean): void {
    if (this.link === "shut" || this.link === "out" || this.link === "connecting") return;
    this.tries = 0;
    if (this.link === "open" && !certain && this.send({ type: "ping" })) this.watch();
    else this.dial();
  }

  /** Writes down what has come, before the page may go. */
  flush(): void {
    clearTimeout(this.saving);
    this.saving = undefined;
    for (const key of this.unsaved) {
      const one = this.answers.get(key);
      if (one === undefined) continue;
      if (over(one)) this.store.forget(key);
      else this.store.save(one);
    }
    this.unsaved.clear();
  }

  // ---- the connection

  private dial(): void {
    this.drop();
    this.become("connecting");
    const { url, token } = this.options;
    const protocols = ["zimgpt.v1", ...(token === undefined ? [] : [`bearer.${token}`])];
    const Socket = this.options.WebSocket ?? WebSocket;
    const socket = (this.socket = new Socket(url, protocols));
    connected(this.memory);
    let refused = true;
    this.watch();
    socket.onopen = () => {
      refused = false;
      if (this.options.slow) this.send({ type: "pace", slow: true });
      for (const one of this.answers.values()) this.resume(one);
    };
    socket.onmessage = (event: MessageEvent) => this.received(String(event.data));
    socket.onclose = ({ code }: CloseEvent) => {
      this.drop();
      if (code === 4401) this.become("out");
      else if (refused && this.options.signedIn) void this.enquire(this.options.signedIn);
      else this.again();
    };
  }

  /** Why a connection was refused: a session that has ended is not tried again. */
  private async enquire(signedIn: () => Promise<boolean>): Promise<void> {
    this.become("lost");
    const inside = await signedIn().catch(() => true);
    if (this.link !== "lost") return;
    if (inside) this.again();
    else this.become("out");
  }

  private again(): void {
    this.drop();
    const random = (this.options.random ?? Math.random)();
    const pause = this.told ?? wait(this.tries++, random);
    this.told = undefined;
    this.retry = setTimeout(() => this.dial(), pause);
    this.become("lost");
  }

  private drop(): void {
    clearTimeout(this.alarm);
    clearTimeout(this.retry);
    const socket = this.socket;
    this.socket = undefined;
    if (socket === undefined) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private watch(): void {
    clearTimeout(this.alarm);
    this.alarm = setTimeout(() => this.again(), SILENCE);
  }

  private become(link: Link): void {
    if (this.link === link) return;
    this.link = link;
    this.changed();
  }

  // ---- what is sent

  private resume(one: Answer): void {
    if (over(one)) return;
    if (one.after !== undefined) return this.queued(one, one.after);
    const { key, answer, epoch, seq, ask } = one;
    if (answer) this.send({ type: "read", answer, epoch, seq }, key);
    else if (ask) this.send(ask, key);
    if (answer && one.stopped) this.send({ type: "stop", answer }, key);
  }

  /** Sends a question whose turn has come. */
  private queued(one: Answer, after: string): void {
    const first = this.answers.get(after);
    if (first !== undefined && !over(first)) return;
    const next = following(one, first);
    this.answers.set(one.key, next);
    this.store.save(next);
    this.resume(next);
  }

  private send(request: Request, key?: string): boolean {
    if (this.socket?.readyState !== 1) return false;
    const text = JSON.stringify(request);
    this.socket.send(text);
    this.count(frameBytes(text, true), key);
    return true;
  }

  private count(bytes: number, key?: string): void {
    this.bytes += bytes;
    const one = key === undefined ? undefined : this.answers.get(key);
    if (one) this.answers.set(one.key, { ...one, bytes: one.bytes + bytes });
  }

  // ---- what is heard

  private received(text: string): void {
    clearTimeout(this.alarm);
    this.tries = 0;
    const frame = JSON.parse(text) as Frame;
    const bytes = frameBytes(text, false);
    this.bytes += bytes;
    this.entered();
    if (!isText(frame)) {
      this.noted(frame);
      if (frame.type === "error" && this.repeated(frame)) return;
    }
    const key = hear(this.memory, frame, bytes);
    if (key === undefined) return this.changed();
    const one = this.answers.get(key);
    if (!isText(frame) && frame.type === "accepted" && one?.stopped && one.answer) {
      this.send({ type: "stop", answer: one.answer }, key);
    }
    this.keep(key);
    this.changed(key);
    if (one && over(one)) this.released(key);
  }

  /** The first frame of a connection says that it is one. */
  private entered(): void {
    if (this.link === "open") return;
    this.opened += 1;
    this.news += 1;
    this.become("open");
  }

  private released(key: string): void {
    for (const one of this.answers.values()) if (one.after === key) this.resume(one);
  }

  private noted(frame: Exclude<Frame, { t: string }>): void {
    if (frame.type === "balance") {
      this.wallet = { available: frame.available, held: frame.held };
    } else if (frame.type === "payment") {
      const { type: _type, ...payment } = frame;
      const before = this.payments.get(payment.id);
      if (!before || before.version < payment.version) this.payments.set(payment.id, payment);
    } else if (frame.type === "accepted" || frame.type === "done" || frame.type === "failed") {
      const before = this.wallet ?? { available: 0, held: 0 };
      this.wallet = { ...before, available: frame.balance };
      if (frame.type === "accepted") this.claimed(frame);
    } else if (frame.type === "asked" || frame.type === "replaced") {
      if (!this.mine(frame)) this.elsewhere.set(frame.conversation, frame);
      this.turned(frame.conversation);
    } else if (frame.type === "bye") {
      this.told = 1000 * frame.retry;
    }
  }

  /** A question of ours has its answer, which may have been read as another device's. */
  private claimed(frame: Accepted): void {
    for (const one of [...this.answers.values()]) {
      if (one.answer === frame.answer && one.key !== frame.id) this.forget(one.key);
    }
    this.turned(frame.conversation);
  }

  /** Whether news are of a question of this client's own. */
  private mine(frame: Asked | Replaced): boolean {
    const answer = frame.type === "asked" ? frame.answer : frame.by;
    for (const one of this.answers.values()) {
      if (one.answer === answer) return true;
      const placed = frame.type === "replaced" && one.ask?.replaces === frame.answer;
      if (placed && one.state === "waiting") return true; // about to be accepted
    }
    return false;
  }

  private turned(conversation: string): void {
    this.active = conversation;
    this.news += 1;
  }

  /** Whether a refusal only means: not now. What was asked is then asked again. */
  private repeated(frame: Extract<Frame, { type: "error" }>): boolean {
    if (frame.code === "not_signed_in") {
      this.drop();
      this.become("out");
      return true;
    }
    const passing = /^(?:unavailable|too_fast|too_many_answers|internal)$/.test(frame.code);
    if (!passing || frame.id === undefined) return false;
    const key = frame.id;
    const random = (this.options.random ?? Math.random)();
    const repeat = setTimeout(
      () => {
        this.repeats.delete(repeat);
        for (const one of this.answers.values()) {
          if (one.key === key || one.answer === key) this.resume(one);
        }
      },
      1000 * ((frame.retry ?? 2) + 2 * random),
    );
    this.repeats.add(repeat);
    return true;
  }

  // ---- what is kept and told

  private keep(key: string): void {
    this.unsaved.add(key);
    const one = this.answers.get(key);
    if (one && (over(one) || one.text === "")) this.flush();
    else this.saving ??= setTimeout(() => this.flush(), SAVING);
  }

  private changed(key?: string): void {
    this.version += 1;
    for (const listener of this.listeners) listener(key);
  }
}

/** Random enough to be nobody else's, also where `randomUUID` is missing. */
export function newId(): string {
  const parts = crypto.getRandomValues(new Uint32Array(4));
  return [...parts].map((part) => part.toString(36)).join("-");
}
