/** A websocket without a network: the test is its server. */

import type { Frame, Request } from "../frames.js";

type Heard = (event: never) => void;

export class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: Request[] = [];
  closed = false;
  onopen: Heard | null = null;
  onmessage: Heard | null = null;
  onclose: Heard | null = null;

  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Request);
  }

  close(): void {
    this.closed = true;
    this.readyState = 3;
  }

  /** The handshake is done; the server tells the wallet, as it does. */
  open(available = 5000): void {
    this.readyState = 1;
    this.onopen?.({} as never);
    this.says({ type: "balance", available, held: 0 });
  }

  says(frame: Frame): void {
    this.onmessage?.({ data: JSON.stringify(frame) } as never);
  }

  breaks(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code } as never);
  }
}

/** The connection that was opened last. */
export function latest(): FakeSocket {
  const socket = FakeSocket.all.at(-1);
  if (socket === undefined) throw new Error("nobody has connected");
  return socket;
}
