// Where the reader of a thread is when replies come: near its end the page goes along; elsewhere
// nothing moves, and the reader is told how many there are below.
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { RefObject } from "preact";

const NEAR_PX = 120;
const FIELDS = "input, textarea, select";
const UPWARDS = ["ArrowUp", "PageUp", "Home"];

function isNearEnd(list: HTMLElement): boolean {
  return list.getBoundingClientRect().bottom - innerHeight <= NEAR_PX;
}

function isTyping(): boolean {
  return document.activeElement?.matches(FIELDS) ?? false;
}

export function goTo(reply: Element | undefined, block: ScrollLogicalPosition): void {
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  reply?.scrollIntoView({ block, behavior: isCalm ? "instant" : "smooth" });
}

export interface Following {
  list: RefObject<HTMLDivElement>;
  /** Replies that came where the reader doesn't see them. */
  unseen: Signal<number>;
}

/** So many replies have come. The first sign of going up ends the following; who comes down to
 * the end again is followed again. */
export function useFollowing(came: number): Following {
  const list = useRef<HTMLDivElement>(null);
  const unseen = useSignal(0);
  const goesUp = useRef(false);
  const before = useRef(came);
  // Read while the list is as the reader sees it: the new reply isn't in it yet.
  const follows = list.current !== null && !goesUp.current && !isTyping() && isNearEnd(list.current);

  useLayoutEffect(() => {
    const fresh = came - before.current;
    before.current = came;
    if (fresh <= 0 || list.current === null) return;
    if (follows) goTo([...list.current.querySelectorAll("article")].at(-1), "nearest");
    else unseen.value += fresh;
  }, [came]);

  useEffect(() => {
    let top = scrollY;
    const turnUp = () => (goesUp.current = true);
    const onWheel = ({ deltaY }: WheelEvent) => deltaY < 0 && turnUp();
    const onKey = ({ key }: KeyboardEvent) => UPWARDS.includes(key) && turnUp();
    const onScroll = () => {
      const isDown = scrollY > top;
      top = scrollY;
      if (!isDown || list.current === null || !isNearEnd(list.current)) return;
      goesUp.current = false;
      unseen.value = 0;
    };
    addEventListener("wheel", onWheel, { passive: true });
    addEventListener("touchmove", turnUp, { passive: true });
    addEventListener("keydown", onKey);
    addEventListener("scroll", onScroll, { passive: true });
    return () => {
      removeEventListener("wheel", onWheel);
      removeEventListener("touchmove", turnUp);
      removeEventListener("keydown", onKey);
      removeEventListener("scroll", onScroll);
    };
  }, []);

  return { list, unseen };
}
