// What the live stream tells of changes what was read, for every view alike.
import type { components } from "../contract";
import { noteBuild } from "../build";
import { change, readAnew, readShownAnew } from "../store";
import { changeThread, noteMissed } from "../thread";
import { onEvent } from "./events";
import { mergeReply } from "./rules";
import { hasBroken } from "./stream";

type Notification = components["schemas"]["Notification"];

/** Its page and its thread are one thing, read by two paths. */
export function readThread(id: string, isTold = false): void {
  readAnew("/b/{id}", { at: { id } }, isTold);
  readAnew("/posts/{id}/thread", { at: { id } }, isTold);
}

function setUnread(unread_count: number): void {
  change("/me", {}, (me) => ({ ...me, unread_count }));
  change("/notifications", {}, (list) => ({ ...list, unread_count }));
}

function addNotification(notification: Notification): void {
  change("/notifications", {}, (list) => ({
    ...list, notifications: [notification, ...list.notifications.filter(({ id }) => id !== notification.id)],
  }));
}

/** Replies are counted to here and no further. */
const COUNTED_MAX = 100;

/** Of the page's age. */
const FRESH_MS = 5000;

let isFirst = true;

/** The stream that begins with the page begins after what was read just now, and a read of a thread
 * is counted: a reply of this moment shows in the number that the next one brings. */
function readMissed(): void {
  if (!isFirst || hasBroken || performance.now() > FRESH_MS) readShownAnew();
  isFirst = false;
}

/** With the reply; all anew where others must have come before. */
function addReply(post: string, reply: Parameters<typeof mergeReply>[1], version: string, count: number): void {
  let isMissed = false;
  changeThread(post, (thread) => {
    const merged = { ...mergeReply(thread, reply), version };
    isMissed = merged.next_cursor === "" && merged.replies.length < Math.min(count, COUNTED_MAX);
    return merged;
  });
  if (isMissed) readThread(post, true);
}

/** From now on. */
export function applyEvents(): void {
  onEvent("hello", ({ build, resumed }) => {
    noteBuild(build);
    if (!resumed) readMissed();
  });
  onEvent("reset", readMissed);
  onEvent("reply", ({ post_id, reply, version, replies_count }) => addReply(post_id, reply, version, replies_count));
  onEvent("pending", ({ post_id, queued, running, names, failed }) => {
    if (failed !== undefined) noteMissed(post_id, failed);
    changeThread(post_id, (thread) => ({
      ...thread, pending: { queued, running, names }, caught_up: queued + running === 0,
    }));
  });
  onEvent("summary", ({ post_id, ai_summary, ai_summary_status }) =>
    changeThread(post_id, (thread) => ({ ...thread, ai_summary, ai_summary_status })));
  onEvent("thread", ({ post_id }) => readThread(post_id, true));
  onEvent("gone", ({ post_id }) => readThread(post_id, true));
  onEvent("unread", ({ unread_count }) => setUnread(unread_count));
  onEvent("notification", ({ notification, unread_count }) => {
    addNotification(notification);
    setUnread(unread_count);
  });
}
