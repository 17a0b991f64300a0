import type { ComponentChildren } from "preact";

export function Banner({ children }: { children: ComponentChildren }) {
  return <p class="banner" role="status">{children}</p>;
}
