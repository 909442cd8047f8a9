/** Calls `then` after the next frame: work that can wait until what a touch changed is seen. */
export function painted(then: () => void): void {
  requestAnimationFrame(() => setTimeout(then));
}
