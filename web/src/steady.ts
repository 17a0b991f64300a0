// A list that doesn't move under its reader: what is new waits until it is asked for, or until
// nobody has touched the page for a while at its very top.
import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import style from "./style/steady.css?inline";
import { wear } from "./wear";

wear(style);

const UNTOUCHED_MS = 10_000;
const TOUCHES = ["wheel", "touchstart", "keydown", "pointerdown", "scroll"];

interface Item {
  id: string | number;
}

interface Steady<T extends Item> {
  items: T[];
  /** How many wait. */
  fresh: number;
  show: () => void;
  /** Somebody asked for them: the first one gets the focus. */
  press: () => void;
  /** Where they stand. */
  list: RefObject<HTMLUListElement>;
  /** The item that was first before. */
  wasFirst: T["id"] | undefined;
}

export function useSteady<T extends Item>(latest: T[]): Steady<T> {
  const held = useSignal(latest);
  const wasFirst = useSignal<T["id"] | undefined>(undefined);
  const list = useRef<HTMLUListElement>(null);
  const isAsked = useRef(false);
  const known = new Map(latest.map((item) => [item.id, item]));
  const notHeld = (items: T[]) => {
    const ids = new Set(items.map(({ id }) => id));
    return latest.filter(({ id }) => !ids.has(id));
  };
  const fresh = notHeld(held.value);
  const show = () => {
    const before = held.peek(), added = notHeld(before); // none by a second press
    if (added.length === 0) return;
    wasFirst.value = before[0]?.id;
    held.value = added.length === latest.length ? latest : [...added, ...before];
  };
  const press = () => {
    isAsked.current = true;
    show();
  };
  useEffect(() => {
    if (isAsked.current) list.current?.querySelector("a")?.focus();
    isAsked.current = false;
  }, [held.value]);
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
  const items = held.value.map((item) => known.get(item.id) ?? item);
  return { items, fresh: fresh.length, show, press, list, wasFirst: wasFirst.value };
}
