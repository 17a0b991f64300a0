// Marking notifications as read: shown at once, taken back where the server refuses.
import { act } from "./api";
import { count } from "./counted";
import { change, changeAll, readAnew } from "./store";

function setUnread(unread_count: number): void {
  change("/me", {}, (me) => ({ ...me, unread_count }));
}

function markHere(ids: Set<number> | undefined): void {
  const now = new Date().toISOString();
  changeAll("/notifications", (page) => ({
    ...page,
    notifications: page.notifications.map((one) =>
      ids === undefined || ids.has(one.id) ? { ...one, read_at: one.read_at ?? now } : one),
  }));
}

async function orReadAnew(what: () => Promise<{ unread_count: number }>): Promise<void> {
  try {
    setUnread((await what()).unread_count);
  } catch (problem) {
    readAnew("/notifications");
    throw problem;
  }
}

export async function markRead(ids: number[]): Promise<void> {
  markHere(new Set(ids));
  await orReadAnew(() => act("post", "/notifications/read", { body: { ids } }));
}

export async function markAllRead(): Promise<void> {
  markHere(undefined);
  await orReadAnew(() => act("post", "/notifications/read-all"));
}

export function tellClicked(id: number, type: string): void {
  count("notification_clicked", { notification_id: String(id), notification_type: type });
}
