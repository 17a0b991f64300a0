import type { ComponentChildren } from "preact";

/** `isOver`: it comes and goes while somebody reads, and moves nothing. */
export function Banner({ isOver = false, children }: { isOver?: boolean; children: ComponentChildren }) {
  return <p class={isOver ? "banner over" : "banner"} role="status">{children}</p>;
}
