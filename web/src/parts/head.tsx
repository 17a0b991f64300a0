import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { nameTab } from "../title";

let isFirst = true;

/** The page's heading. It takes the focus after a navigation, and names the tab. `lang` where
 * somebody wrote it: their language, "" where that isn't known. */
export function PageHead({ lang, children }: { lang?: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isFirst) heading.current?.focus();
    isFirst = false;
  }, []);
  useEffect(() => {
    nameTab(`${heading.current?.textContent ?? ""} · PersonaWorlds`);
  });
  return <h1 tabIndex={-1} ref={heading} {...(lang === undefined ? {} : { dir: "auto", lang })}>{children}</h1>;
}
