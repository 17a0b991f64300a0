// Marking notifications as read: shown at once, taken back where the server refuses.
import { act } from "./api";
import type { components } from "./contract";
import { count } from "./counted";
import { change, changeAll } from "./store";

function setUnread(unread_count: number): void {
  change("/me", {}, (me) => ({ ...me, unread_count }));
}

type Notification = components["schemas"]["Notification"];

function changeEach(what: (one: Notification) => Notification): void {
  changeAll("/notifications", (page) => ({ ...page, notifications: page.notifications.map(what) }));
}

/** On every page that was read; returns which weren't read before. */
function markHere(ids: Set<number> | undefined): Set<number> {
  const now = new Date().toISOString(), marked = new Set<number>();
  changeEach((one) => {
    if (one.read_at !== undefined || (ids !== undefined && !ids.has(one.id))) return one;
    marked.add(one.id);
    return { ...one, read_at: now };
  });
  return marked;
}

function takeBack(marked: Set<number>): void {
  changeEach((one) => {
    const { read_at, ...unread } = one;
    return read_at !== undefined && marked.has(one.id) ? unread : one;
  });
}

async function mark(ids: Set<number> | undefined, what: () => Promise<{ unread_count: number }>): Promise<void> {
  const marked = markHere(ids);
  try {
    setUnread((await what()).unread_count);
  } catch (problem) {
    takeBack(marked);
    throw problem;
  }
}

export async function markRead(ids: number[]): Promise<void> {
  await mark(new Set(ids), () => act("post", "/notifications/read", { body: { ids } }));
}

export async function markAllRead(): Promise<void> {
  await mark(undefined, () => act("post", "/notifications/read-all"));
}

export function tellClicked(id: number, type: string): void {
  count("notification_clicked", { notification_id: String(id), notification_type: type });
}
