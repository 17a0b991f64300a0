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

/** A reply in its place, once; a later telling replaces it. One that belongs on a later page of the
 * thread comes with that page. */
export function mergeReply(thread: Thread, reply: Reply): Thread {
  const isKnown = thread.replies.some(({ id }) => id === reply.id);
  if (!isKnown && thread.next_cursor !== "") return thread;
  const others = thread.replies.filter(({ id }) => id !== reply.id);
  const later = others.findIndex(({ created_at }) => Date.parse(created_at) > Date.parse(reply.created_at));
  const place = later < 0 ? others.length : later;
  return { ...thread, replies: [...others.slice(0, place), reply, ...others.slice(place)] };
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
