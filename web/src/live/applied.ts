// What the live stream tells of changes what was read, for every view alike.
import type { components } from "../contract";
import { noteBuild } from "../build";
import { change, known, readAnew, readShownAnew } from "../store";
import { changeThread, noteMissed, readThread, threadPages } from "../thread";
import { onEvent } from "./events";
import { lacks, mergeReply, pageOf, withVersion } from "./rules";
import { hasBroken } from "./stream";
import { forgetTold, notePending, noteSummary, noteTold, noteUnread, noteVersion, type Told } from "./told";

type Notification = components["schemas"]["Notification"];
type Reply = components["schemas"]["Reply"];

function setUnread(unread_count: number): void {
  change("/me", {}, (me) => ({ ...me, unread_count }));
  change("/notifications", {}, (list) => ({ ...list, unread_count }));
}

function addNotification(notification: Notification): void {
  change("/notifications", {}, (list) => ({
    ...list, notifications: [notification, ...list.notifications.filter(({ id }) => id !== notification.id)],
  }));
}

/** Of the page's age. */
const FRESH_MS = 5000;

let isFirst = true;

/** The stream that begins with the page begins after what was read just now; where that is older than
 * what the stream begins with, its first words tell. */
function readMissed(): void {
  if (!isFirst || hasBroken || performance.now() > FRESH_MS) readShownAnew();
  isFirst = false;
}

/** On its page. Where others must have come before, the version stays behind, and all is read anew. */
function addReply(post: string, reply: Reply, version: string, count: number): void {
  const place = pageOf(threadPages(post), reply);
  if (place >= 0) changeThread(post, (page) => mergeReply(page, reply), place);
  if (!lacks(threadPages(post), count)) changeThread(post, (thread) => withVersion(thread, version));
  noteVersion(post, version);
}

function takeTold(told: Told): void {
  const { unread_count } = told, me = known("/me")?.data;
  noteTold(told);
  if (unread_count === undefined || me === undefined || me.unread_count === unread_count) return;
  setUnread(unread_count);
  readAnew("/notifications", {}, true);
}

/** From now on. */
export function applyEvents(): void {
  onEvent("hello", ({ build, resumed, threads = {}, unread_count }) => {
    noteBuild(build);
    forgetTold();
    takeTold({ threads, ...(unread_count !== undefined && { unread_count }) });
    if (!resumed) readMissed();
  });
  onEvent("told", takeTold);
  onEvent("reset", readMissed);
  onEvent("reply", ({ post_id, reply, version, replies_count }) => addReply(post_id, reply, version, replies_count));
  onEvent("pending", ({ post_id, queued, running, names, failed }) => {
    if (failed !== undefined) noteMissed(post_id, failed);
    changeThread(post_id, (thread) => ({
      ...thread, pending: { queued, running, names }, caught_up: queued + running === 0,
    }));
    notePending(post_id, queued, running);
  });
  onEvent("summary", ({ post_id, ai_summary, ai_summary_status }) => {
    changeThread(post_id, (thread) => ({ ...thread, ai_summary, ai_summary_status }));
    noteSummary(post_id, ai_summary_status);
  });
  onEvent("thread", ({ post_id, version }) => {
    readThread(post_id);
    noteVersion(post_id, version);
  });
  onEvent("gone", ({ post_id }) => readThread(post_id));
  onEvent("unread", ({ unread_count }) => {
    noteUnread(unread_count);
    setUnread(unread_count);
  });
  onEvent("notification", ({ notification, unread_count }) => {
    addNotification(notification);
    noteUnread(unread_count);
    setUnread(unread_count);
  });
}
