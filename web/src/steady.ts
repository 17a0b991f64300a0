// A list that doesn't move under its reader: what is new waits until it is asked for, or until
// nobody has touched the page for a while at its very top.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

const UNTOUCHED_MS = 10_000;
const TOUCHES = ["wheel", "touchstart", "keydown", "pointerdown", "scroll"];

interface Steady<T> {
  items: T[];
  /** How many wait. */
  fresh: number;
  show: () => void;
  /** The item that was first before. */
  wasFirst: string | undefined;
}

export function useSteady<T extends { id: string }>(latest: T[]): Steady<T> {
  const held = useSignal(latest);
  const wasFirst = useSignal<string | undefined>(undefined);
  const known = new Map(latest.map((item) => [item.id, item]));
  const ids = new Set(held.value.map(({ id }) => id));
  const fresh = latest.filter(({ id }) => !ids.has(id));
  const show = () => {
    wasFirst.value = held.value[0]?.id;
    held.value = [...fresh, ...held.value];
  };
  const showNow = useRef(show);
  showNow.current = show;
  useEffect(() => {
    if (fresh.length === 0) return;
    let touched = Date.now();
    const touch = () => void (touched = Date.now());
    TOUCHES.forEach((name) => addEventListener(name, touch, { passive: true }));
    const timer = setInterval(() => {
      if (scrollY === 0 && Date.now() - touched >= UNTOUCHED_MS) showNow.current();
    }, 1000);
    return () => {
      clearInterval(timer);
      TOUCHES.forEach((name) => removeEventListener(name, touch));
    };
  }, [fresh.length > 0]);
  return { items: held.value.map((item) => known.get(item.id) ?? item), fresh: fresh.length, show, wasFirst: wasFirst.value };
}
