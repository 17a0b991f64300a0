// Notifications as people read them: those of one kind about one thing on one day are one line,
// written from their types and metadata, not from the server's sentence.
import type { components } from "./contract";
import { t } from "./text";
import type { Word } from "./words/en";

type Notification = components["schemas"]["Notification"];

export interface Notice {
  key: string;
  /** Newest first. */
  all: Notification[];
  isUnread: boolean;
}

/** The metadata of all types; what a type hasn't isn't there. */
interface About {
  persona_id?: string;
  slug?: string;
  persona_name?: string;
  template_id?: string;
  template_name?: string;
  source_battle_id?: string;
  battle_id?: string;
  room_name?: string;
  topic?: string;
}

function aboutOf({ metadata }: Notification): About {
  return metadata as About;
}

function subjectOf(notification: Notification): string {
  const { persona_id, template_id, source_battle_id } = aboutOf(notification);
  return persona_id ?? template_id ?? source_battle_id ?? String(notification.id);
}

/** Unread ones first; each group where its newest stands. */
export function grouped(list: Notification[]): Notice[] {
  const groups = new Map<string, Notice>();
  for (const one of list) {
    const isUnread = one.read_at === undefined;
    const key = [isUnread, one.type, subjectOf(one), one.created_at.slice(0, 10)].join(" ");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { key, all: [one], isUnread });
    else group.all.push(one);
  }
  return [...groups.values()].sort((a, b) => Number(b.isUnread) - Number(a.isUnread));
}

function newest({ all }: Notice): Notification {
  return all[0] as Notification; // a group has one at least
}

export function sentence(notice: Notice): string {
  const { type, title } = newest(notice);
  const { persona_name, slug, template_name } = aboutOf(newest(notice));
  const name = persona_name ?? template_name ?? slug;
  if (name === undefined && type !== "battle_remixed") return title; // of before names were kept
  return t(`notice_${type}` as Word, { n: notice.all.length, name: name ?? "" });
}

/** What it is about in more words; "" where nothing is known. */
export function detail(notice: Notice): string {
  const { topic, room_name } = aboutOf(newest(notice));
  if (topic === undefined) return "";
  return room_name === undefined ? topic : t("noticeIn", { topic, room: room_name });
}

export function linkOf(notice: Notice): string {
  const { slug, battle_id } = aboutOf(newest(notice));
  if (battle_id !== undefined) return `/b/${battle_id}`;
  return slug === undefined ? "/notifications" : `/p/${slug}`;
}
