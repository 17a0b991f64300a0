// The keyboard's map comes with the first key that is pressed, and hears the keys that came before it.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useLate } from "../late";
import { withPart } from "../part";
import { KEYS_OFF, keptText } from "../storage";

/** A letter of a text is none of the map's: nothing is loaded for it, nor missed where the API is away. */
function isTyped({ target, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return !ctrlKey && !metaKey && target instanceof Element && target.matches("input, textarea, select");
}

/** A browser would search the page. */
function isSearch({ key, target, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return key === "/" && target === document.body && !altKey && !ctrlKey && !metaKey && keptText(KEYS_OFF) !== "off";
}

export function FirstKey() {
  const isPressed = useSignal(false);
  const before = useRef<KeyboardEvent[]>([]);
  const Keys = useLate(isPressed.value, () => withPart("more", () => import("./keys")));
  useEffect(() => {
    if (Keys !== undefined) return;
    const note = (event: KeyboardEvent) => {
      if (isTyped(event)) return;
      before.current.push(event);
      isPressed.value = true;
      if (isSearch(event)) event.preventDefault();
    };
    document.addEventListener("keydown", note);
    return () => document.removeEventListener("keydown", note);
  }, [Keys]);
  return Keys && <Keys before={before.current} />;
}
