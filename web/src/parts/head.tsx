import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

let isFirst = true;

/** The page's heading. It takes the focus after a navigation, and names the tab. */
export function PageHead({ children }: { children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isFirst) heading.current?.focus();
    isFirst = false;
  }, []);
  useEffect(() => {
    document.title = `${heading.current?.textContent ?? ""} · PersonaWorlds`;
  });
  return <h1 tabIndex={-1} ref={heading}>{children}</h1>;
}
