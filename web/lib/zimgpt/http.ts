/** Calls of the HTTP API, and what may go wrong with one. */

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
export const PATIENCE = 20_000;
/** The same for a file, which is made before it comes. */
const FILE_PATIENCE = 60_000;
const NO_CONNECTION = "No connection. Please try again.";

/** Knows how this page proves itself; who extends it knows what can be called. */
export class Caller {
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
  protected get guest(): boolean {
    return this.base !== "";
  }

  /** Calls `/api/v1/PATH`; raises ApiError for everything but a success. */
  protected async call<T>(method: string, path: string, body?: unknown, patience = PATIENCE): Promise<T> {
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
}
