// What the live stream tells of changes what was read, for every view alike.
import type { components } from "../contract";
import { noteBuild } from "../build";
import { change, readAnew, readShownAnew } from "../store";
import { changeThread, noteMissed } from "../thread";
import { onEvent } from "./events";
import { mergeReply } from "./rules";

type Notification = components["schemas"]["Notification"];

/** Its page and its thread are one thing, read by two paths. */
export function readThread(id: string): void {
  readAnew("/b/{id}", { at: { id } });
  readAnew("/posts/{id}/thread", { at: { id } });
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

let isFirst = true;

/** The first stream began after what the page shows was read: only what it tells of is read again. */
function readMissed(watched: Iterable<string>): void {
  if (!isFirst) return readShownAnew();
  isFirst = false;
  readAnew("/me");
  for (const post of watched) readThread(post);
}

/** From now on. `watched` are this tab's posts. */
export function applyEvents(watched: () => Iterable<string>): void {
  onEvent("hello", ({ build, resumed }) => {
    noteBuild(build);
    if (!resumed) readMissed(watched());
  });
  onEvent("reset", () => readMissed(watched()));
  onEvent("reply", ({ post_id, reply, version }) =>
    changeThread(post_id, (thread) => ({ ...mergeReply(thread, reply), version })));
  onEvent("pending", ({ post_id, queued, running, names, failed }) => {
    if (failed !== undefined) noteMissed(post_id, failed);
    changeThread(post_id, (thread) => ({
      ...thread, pending: { queued, running, names }, caught_up: queued + running === 0,
    }));
  });
  onEvent("summary", ({ post_id, ai_summary, ai_summary_status }) =>
    changeThread(post_id, (thread) => ({ ...thread, ai_summary, ai_summary_status })));
  onEvent("thread", ({ post_id }) => readThread(post_id));
  onEvent("gone", ({ post_id }) => readThread(post_id));
  onEvent("unread", ({ unread_count }) => setUnread(unread_count));
  onEvent("notification", ({ notification, unread_count }) => {
    addNotification(notification);
    setUnread(unread_count);
  });
}
