/** Work that can wait until what a touch has changed is seen. */

/** Calls `then` after the next frame, unless it is taken back. */
export function painted(then: () => void): () => void {
  let later: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => (later = setTimeout(then, 0)));
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(later);
  };
}
