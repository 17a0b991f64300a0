// What the live stream's client decides, as pure functions: time and chance come in as arguments.
import type { components } from "../contract";

type Thread = components["schemas"]["posts.thread"];
type Reply = components["schemas"]["Reply"];

const FIRST_MS = 500;
const LAST_MS = 30_000;
const WATCHED_MAX = 50;
const REFRESH_BEFORE_MS = 6 * 3_600_000;

/** The wait before the try after `failures` ones: it doubles, ± 50 % so that a server that is back
 * isn't met by all at once. `roll` in [0, 1). */
export function backoff(failures: number, roll: number): number {
  return Math.min(FIRST_MS * 2 ** Math.min(failures, 10) * (0.5 + roll), LAST_MS);
}

/** Posts by the time since which they are watched, in milliseconds since 1970. */
export type Watched = Record<string, number>;

/** The posts of all tabs, each once; beyond fifty the ones that were watched first are left out. */
export function union(tabs: Iterable<Watched>): string[] {
  const since = new Map<string, number>();
  for (const tab of tabs)
    for (const [post, at] of Object.entries(tab)) since.set(post, Math.max(at, since.get(post) ?? 0));
  return [...since].sort(([, one], [, other]) => other - one).slice(0, WATCHED_MAX).map(([post]) => post);
}

/** Where a thread stands, as the stream tells it. */
export interface ThreadState extends Pick<Thread, "version" | "ai_summary_status"> {
  queued: number;
  running: number;
}

/** What was read is older than what was told, or newer than that. */
export function isOther({ version, pending, ai_summary_status: summary }: Thread, told: ThreadState): boolean {
  return version !== told.version || summary !== told.ai_summary_status
    || pending.queued !== told.queued || pending.running !== told.running;
}

/** The summary was of the version before. */
export function withVersion<T extends Pick<Thread, "version" | "ai_summary_status">>(thread: T, version: string): T {
  if (thread.version === version) return thread;
  return { ...thread, version, ai_summary_status: thread.ai_summary_status === "fresh" ? "stale" : thread.ai_summary_status };
}

function has({ replies }: Thread, reply: Reply): boolean {
  return replies.some(({ id }) => id === reply.id);
}

/** On which of a thread's pages a reply has its place: -1 where that page isn't read yet. */
export function pageOf(pages: Thread[], reply: Reply): number {
  const known = pages.findIndex((page) => has(page, reply));
  return known >= 0 || pages.at(-1)?.next_cursor !== "" ? known : pages.length - 1;
}

/** A reply in its place, once; a later telling replaces it. */
export function mergeReply(page: Thread, reply: Reply): Thread {
  const others = page.replies.filter(({ id }) => id !== reply.id);
  const later = others.findIndex(({ created_at }) => Date.parse(created_at) > Date.parse(reply.created_at));
  const place = later < 0 ? others.length : later;
  return { ...page, replies: [...others.slice(0, place), reply, ...others.slice(place)] };
}

/** All pages are there, and yet others must have come before. */
export function lacks(pages: Thread[], count: number): boolean {
  const there = pages.reduce((sum, { replies }) => sum + replies.length, 0);
  return pages.at(-1)?.next_cursor === "" && there < count;
}

/** Ids are `<boot>.<n>`, and n grows: one that isn't behind the last was told before. */
export function isOld(last: string | undefined, id: string): boolean {
  const [boot, n] = id.split("."), [lastBoot, lastN] = (last ?? "").split(".");
  return boot === lastBoot && Number(n) <= Number(lastN);
}

/** A token is renewed while a good part of its day is left. */
export function isRenewable(ends: number, now: number): boolean {
  return ends > now && ends - now < REFRESH_BEFORE_MS;
}
