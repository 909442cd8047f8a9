/** What a websocket frame takes on the wire (RFC 6455, 5.2), without TLS and TCP. */

const encoder = new TextEncoder();

/** Bytes of UTF-8. */
export function utf8(text: string): number {
  return encoder.encode(text).length;
}

/** Bytes of a text frame; what a browser sends is masked, which takes four more. */
export function frameBytes(text: string, sent: boolean): number {
  const payload = utf8(text);
  const length = payload < 126 ? 0 : payload < 65_536 ? 2 : 8;
  return 2 + length + (sent ? 4 : 0) + payload;
}
