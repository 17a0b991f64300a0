// What was read, by its path: shown at once when one comes back, and asked for again with its ETag.
// The newest 50 stay.
import { effect, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { ask, Failure, urlOf, type Answer, type Asked, type Path } from "./api";
import { hasEnded, session } from "./session";

interface Kept<T> {
  data: T | undefined;
  etag: string | undefined;
  /** When `data` was true, in milliseconds since 1970. */
  at: number;
  failure: Failure | undefined;
  isLoading: boolean;
}

const KEPT_MAX = 50;
const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 30_000;
/** Reads that are counted as a view. What is shown already, as it was read before or served with the
 * page, was counted then. */
const COUNTED: readonly string[] = ["/p/{slug}", "/b/{id}/meta"];

interface Entry {
  state: Signal<Kept<unknown>>;
  /** What is known was written by the server with this very page, for anybody. Who is logged in is
   * told more, and asks. */
  isFromBoot: boolean;
  /** A part of the page shows it. */
  isShown: boolean;
  /** How often it was changed without a read. */
  changes: number;
  tries: number;
  timer: number | undefined;
  load: () => Promise<void>;
}

const entries = new Map<string, Entry>();

function keyOf(path: string, { at, query }: Asked): string {
  return JSON.stringify([session.value?.user, path, at, query]);
}

/** What the server wrote into the page beside its text: answers by their paths. A visitor's: who is
 * logged in asks for more. */
const boot = readBoot();

function readBoot(): Record<string, unknown> {
  try {
    return JSON.parse(document.getElementById("boot")?.textContent ?? "{}") as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Once: a later visit of the same page reads anew. */
function takeBoot(url: string): unknown {
  const data = boot[url];
  delete boot[url];
  return data;
}

function forgetOldest(): void {
  for (const [key, entry] of entries) {
    if (entries.size <= KEPT_MAX) return;
    clearTimeout(entry.timer);
    entries.delete(key);
  }
}

/** 1, 2, 4 … 30 seconds, half of it by chance; a wait that the server asked for wins. */
function waitAfter(failure: Failure, tries: number): number {
  if (failure.retryAt !== undefined) return Math.max(0, failure.retryAt - Date.now());
  return Math.min(RETRY_FIRST_MS * 2 ** tries, RETRY_LAST_MS) * (0.5 + Math.random() / 2);
}

/** Tried again by itself while it is shown, and somebody looks. */
function tryLater(entry: Entry, failure: Failure): void {
  clearTimeout(entry.timer);
  if (!failure.isTransient) return;
  entry.timer = window.setTimeout(() => {
    if (!entry.isShown) return; // who comes back asks anew
    if (document.visibilityState === "visible") void entry.load();
    else document.addEventListener("visibilitychange", () => void entry.load(), { once: true });
  }, waitAfter(failure, entry.tries++));
}

function newEntry<P extends Path<"get">>(path: P, asked: Asked): Entry {
  const data = takeBoot(urlOf(path, asked));
  const first = { data, etag: undefined, at: data === undefined ? 0 : Date.now(), failure: undefined, isLoading: false };
  const state = signal<Kept<unknown>>(first, {
    watched: () => void (entry.isShown = true),
    unwatched: () => void (entry.isShown = false),
  });
  // What an event told while the read was under way may be newer than what was read.
  const readAgain = () => {
    state.value = { ...state.value, isLoading: false };
    void entry.load();
  };
  const entry: Entry = {
    state, isFromBoot: data !== undefined && session.value === undefined, isShown: false, changes: 0, tries: 0,
    timer: undefined,
    async load() {
      const isKnown = entry.isFromBoot;
      entry.isFromBoot = false;
      if (state.value.isLoading || isKnown) return;
      const before = state.value, changes = entry.changes;
      const query = before.data !== undefined && COUNTED.includes(path) ? { ...asked.query, seen: 1 } : asked.query;
      state.value = { ...before, isLoading: true };
      try {
        const { data, etag } = await ask("get", path, { ...asked, ...(query && { query }), etag: before.etag });
        entry.tries = 0;
        if (entry.changes === changes)
          state.value = { data: data ?? before.data, etag, at: Date.now(), failure: undefined, isLoading: false };
        else readAgain();
      } catch (problem) {
        const failure = problem as Failure;
        state.value = { ...state.value, failure, isLoading: false };
        tryLater(entry, failure);
      }
    },
  };
  return entry;
}

/** What is known of a path; `load` asks again. */
export function resource<P extends Path<"get">>(path: P, asked: Asked = {}): Resource<Answer<"get", P>> {
  const key = keyOf(path, asked);
  const entry = entries.get(key) ?? newEntry(path, asked);
  entries.delete(key); // the newest stands last
  entries.set(key, entry);
  forgetOldest();
  return { state: entry.state as Signal<Kept<Answer<"get", P>>>, load: entry.load };
}

/** What is known of a path; undefined where it was never asked for. */
export function known<P extends Path<"get">>(path: P, asked: Asked = {}): Kept<Answer<"get", P>> | undefined {
  return entries.get(keyOf(path, asked))?.state.peek() as Kept<Answer<"get", P>> | undefined;
}

/** A part of the page shows it, or waits for it. */
export function isShown<P extends Path<"get">>(path: P, asked: Asked = {}): boolean {
  return entries.get(keyOf(path, asked))?.isShown ?? false;
}

/** Changes what is known of a path, where it is: an event told of it, or an act's answer did. */
export function change<P extends Path<"get">>(
  path: P, asked: Asked, how: (data: Answer<"get", P>) => Answer<"get", P>,
): void {
  const entry = entries.get(keyOf(path, asked));
  const kept = entry?.state.peek();
  if (entry === undefined || kept === undefined) return;
  entry.changes++; // a read that is under way may have been too early
  if (kept.data === undefined) return;
  entry.state.value = { ...kept, data: how(kept.data as Answer<"get", P>), etag: undefined };
}

/** The same for all that is known of a path, whatever was asked with it. */
export function changeAll<P extends Path<"get">>(
  path: P, how: (data: Answer<"get", P>, query: NonNullable<Asked["query"]>) => Answer<"get", P>,
): void {
  for (const key of entries.keys()) {
    const [, known, at, query] = JSON.parse(key) as [unknown, string, Asked["at"] | null, Asked["query"] | null];
    if (known !== path) continue;
    const asked = { ...(at && { at }), ...(query && { query }) };
    change(path, asked, (data) => how(data, query ?? {}));
  }
}

/** Asks again for a path, where it is known. `isTold`: an event told that it changed, so neither a
 * read that is under way nor an ETag that a cache still believes in will do. */
export function readAnew<P extends Path<"get">>(path: P, asked: Asked = {}, isTold = false): void {
  const entry = entries.get(keyOf(path, asked));
  if (entry === undefined) return;
  if (isTold) {
    entry.changes++;
    entry.state.value = { ...entry.state.peek(), etag: undefined };
  }
  void entry.load();
}

/** Asks again for all that the page shows: what changed meanwhile can't be told. */
export function readShownAnew(): void {
  for (const entry of entries.values()) if (entry.isShown) void entry.load();
}

export interface Resource<T> {
  state: ReadonlySignal<Kept<T>>;
  load: () => Promise<void>;
}

// Who has logged in again sees what was refused meanwhile.
let hadEnded = false;
effect(() => {
  const isBack = hadEnded && !hasEnded.value;
  hadEnded = hasEnded.value;
  if (isBack) for (const { state, load } of entries.values()) if (state.peek().failure?.status === 401) void load();
});
