// Where one was on a page, by the entry of the browser's history: going back leads to the same place.
import { useEffect, useRef, useState } from "preact/hooks";

interface Place {
  /** How far it was scrolled. */
  top: number;
  /** How many pages of its list were open. */
  pages: number;
}

const KEPT = "pw.places";
const PLACES_MAX = 50;

const places = new Map<string, Place>(read());

function read(): [string, Place][] {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "[]") as [string, Place][];
  } catch {
    return [];
  }
}

// For a page that is loaded anew: the browser itself would scroll before the list is there.
addEventListener("pagehide", () => {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify([...places].slice(-PLACES_MAX)));
  } catch {
    // Nothing can be kept: a new page begins at its top.
  }
});

/** The name of the entry that is shown; it gets one when it is asked for. */
function entryKey(): string {
  const state = history.state as { place?: string } | null;
  const key = state?.place ?? `${Date.now()}.${Math.random()}`;
  if (state?.place === undefined) history.replaceState({ ...state, place: key }, "");
  return key;
}

function note(key: string, place: Place): void {
  places.delete(key); // the newest stands last
  places.set(key, place);
}

interface ShownPlace {
  pages: number;
  /** So many pages of the list are open from now on. */
  open: (pages: number) => void;
}

/** Scrolls to where this entry's reader was, once as many pages of its list are there; from then on
 * what is scrolled to is noted. */
export function usePlace(areThere: (pages: number) => boolean): ShownPlace {
  const [key] = useState(entryKey);
  const [pages, setPages] = useState(() => places.get(key)?.pages ?? 1);
  const wanted = useRef(pages).current;
  const isThere = areThere(wanted);
  useEffect(() => {
    if (!isThere) return;
    const before = places.get(key);
    if (before !== undefined) scrollTo(0, before.top);
    const onScroll = () => note(key, { pages: places.get(key)?.pages ?? 1, top: scrollY });
    addEventListener("scroll", onScroll, { passive: true });
    return () => removeEventListener("scroll", onScroll);
  }, [isThere]);
  return {
    pages,
    open(next) {
      note(key, { top: scrollY, pages: next });
      setPages(next);
    },
  };
}
