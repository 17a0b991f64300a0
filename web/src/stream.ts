// What happens elsewhere, as it happens: `watch` a post, hear of events, and find what was read
// changed. One stream serves all tabs; without one, what is shown is asked for now and then.
import { effect } from "@preact/signals";
import { act } from "./api";
import { applyEvents } from "./live/applied";
import { isRenewable, type Watched } from "./live/rules";
import { joinTabs, type Tabs } from "./live/tabs";
import { renewTo, session } from "./session";
import { readAnew } from "./store";
import { pollThread } from "./thread";
import { countUnseen } from "./title";

export { onEvent } from "./live/events";

const POLL_THREADS_MS = 5000;
const POLL_REST_MS = 30_000;
const RENEW_EVERY_MS = 5 * 60_000;

/** How many parts of the page watch a post, and since when. */
const watched = new Map<string, { count: number; since: number }>();
let tabs: Tabs | undefined;
let isLeader = false;
let polling: number[] = [];

function watchedHere(): Watched {
  return Object.fromEntries([...watched].map(([post, { since }]) => [post, since]));
}

/** The post's events are told, to all tabs, until what is returned is called. */
export function watch(postId: string): () => void {
  goLive();
  const before = watched.get(postId);
  watched.set(postId, { count: (before?.count ?? 0) + 1, since: before?.since ?? Date.now() });
  if (before === undefined) tabs?.changed();
  let isOver = false;
  return () => {
    const now = watched.get(postId);
    if (isOver || now === undefined) return;
    isOver = true;
    if (--now.count > 0) return;
    watched.delete(postId);
    tabs?.changed();
  };
}

function whileSeen(what: () => void, everyMs: number): number {
  return window.setInterval(() => document.visibilityState === "visible" && what(), everyMs);
}

/** No stream is to be had: each tab asks for what it shows. */
function setDown(isDown: boolean): void {
  polling.forEach(clearInterval);
  polling = !isDown ? [] : [
    whileSeen(() => [...watched.keys()].forEach(pollThread), POLL_THREADS_MS),
    whileSeen(() => { readAnew("/me"); readAnew("/notifications"); }, POLL_REST_MS),
  ];
}

/** One tab renews the token for all: the others find it where it is kept. */
function renew(): void {
  if (!isLeader || session.value === undefined || !isRenewable(session.value.ends, Date.now())) return;
  void act("post", "/auth/refresh").then(({ token }) => renewTo(token)).catch(() => undefined);
}

let isLive = false;

/** Once. Who is logged in has a stream always, others while they watch something. */
export function goLive(): void {
  if (isLive) return;
  isLive = true;
  applyEvents();
  countUnseen((post) => watched.has(post));
  setInterval(renew, RENEW_EVERY_MS);
  let joined: string | undefined;
  effect(() => {
    const name = `pw.stream.${session.value?.user ?? "-"}`;
    if (name === joined) return;
    joined = name;
    tabs?.leave();
    isLeader = false;
    setDown(false);
    tabs = joinTabs(name, {
      watched: watchedHere, isUser: session.value !== undefined, onDown: setDown,
      onLead() {
        isLeader = true;
        renew();
      },
    });
  });
}
