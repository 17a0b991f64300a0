// What the stream last told of each thread that any tab watches, and of the notifications. What this
// tab has read may be older: it was read before the stream began, or came from a cache. Then it is
// read again.
import { isThreadShown, readThread, threadPages } from "../thread";
import { isOther, withVersion, type ThreadState } from "./rules";

export interface Told {
  threads: Record<string, ThreadState>;
  unread_count?: number;
}

/** Events that follow at once may bring what is lacking. */
const SOON_MS = 100;
/** A visitor's answer may come from a cache of a second. */
const LATER_MS = 1100;
/** What was read may be newer than what was told, so it ends. */
const TRIES = 4;

const threads = new Map<string, ThreadState>();
const checks = new Map<string, number>();
let unread: number | undefined;

/** For a tab that begins to watch these posts while the stream goes on. */
export function toldOf(posts: string[]): Told {
  const known = posts.flatMap((post) => {
    const state = threads.get(post);
    return state === undefined ? [] : [[post, state] as const];
  });
  return { threads: Object.fromEntries(known), ...(unread !== undefined && { unread_count: unread }) };
}

/** A stream has begun: what others told is over. */
export function forgetTold(): void {
  threads.clear();
}

/** Compares what was told of a post with what was read, soon, and reads it again while they differ. */
export function check(post: string, tries = TRIES, wait = SOON_MS): void {
  clearTimeout(checks.get(post));
  checks.set(post, window.setTimeout(() => {
    const told = threads.get(post), [first] = threadPages(post);
    checks.delete(post);
    if (told === undefined || !isThreadShown(post) || (first !== undefined && !isOther(first, told))) return;
    if (first !== undefined) readThread(post);
    if (tries > 1) check(post, tries - 1, LATER_MS);
  }, wait));
}

export function noteTold(told: Told): void {
  for (const [post, state] of Object.entries(told.threads)) {
    threads.set(post, state);
    check(post);
  }
  unread = told.unread_count ?? unread;
}

function note(post: string, change: (state: ThreadState) => ThreadState): void {
  const state = threads.get(post);
  if (state !== undefined) threads.set(post, change(state));
  check(post);
}

export function noteVersion(post: string, version: string): void {
  note(post, (state) => withVersion(state, version));
}

export function notePending(post: string, queued: number, running: number): void {
  note(post, (state) => ({ ...state, queued, running }));
}

export function noteSummary(post: string, ai_summary_status: ThreadState["ai_summary_status"]): void {
  note(post, (state) => ({ ...state, ai_summary_status }));
}

export function noteUnread(count: number): void {
  unread = count;
}
