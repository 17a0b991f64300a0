// Notifications as they are shown: those of one type about one subject within a day are one entry.
import type { components } from "./contract";
import type { Word } from "./words/en";

type Notification = components["schemas"]["Notification"];
type Facts = Record<string, string | undefined>;

export interface Notice {
  key: string;
  /** Newest first. */
  all: Notification[];
  isUnread: boolean;
}

function factsOf({ metadata }: Notification): Facts {
  return metadata as Facts;
}

/** What it is about: the persona, the template or the battle of one's own. */
function subjectOf(notification: Notification): string {
  const { persona_id, template_id, source_battle_id } = factsOf(notification);
  return persona_id ?? template_id ?? source_battle_id ?? "";
}

/** Unread ones first, each part newest first, as they came. */
export function noticesOf(notifications: Notification[]): Notice[] {
  const groups = new Map<string, Notification[]>();
  for (const one of notifications) {
    const key = [new Date(one.created_at).toDateString(), one.type, subjectOf(one)].join(" ");
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const notices = [...groups].map(([key, all]) => ({ key, all, isUnread: all.some(({ read_at }) => read_at === undefined) }));
  return [...notices.filter(({ isUnread }) => isUnread), ...notices.filter(({ isUnread }) => !isUnread)];
}

/** The key of the sentence, and what stands in it. */
export function sentenceOf({ all: [newest, ...others] }: Notice): [Word, Record<string, string | number>] {
  if (newest === undefined) return ["failed", {}];
  const { persona_name = "", template_name = "", room_name = "", topic = "" } = factsOf(newest);
  return [`said_${newest.type}` as Word, { n: 1 + others.length, name: persona_name, template: template_name, room: room_name, topic }];
}

/** Where it leads. */
export function linkOf({ all: [newest] }: Notice): string {
  if (newest === undefined) return "/notifications";
  const { slug, battle_id } = factsOf(newest);
  return newest.type === "persona_followed" ? `/p/${slug ?? ""}` : `/b/${battle_id ?? ""}`;
}
