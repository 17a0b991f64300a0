// What the live stream tells of, and who wants to hear it.
import type { components } from "../contract";
import type { Told } from "./told";

type Schemas = components["schemas"];

interface LiveEvents {
  hello: Partial<Told> & { build: string; resumed: boolean; now: string };
  /** From the tab that leads, for one that begins to watch while the stream goes on. */
  told: Told;
  reply: { post_id: string; reply: Schemas["Reply"]; version: string; replies_count: number };
  pending: Schemas["posts.thread"]["pending"] & { post_id: string; failed?: { persona_name: string; code: string } };
  summary: { post_id: string } & Pick<Schemas["posts.thread"], "ai_summary" | "ai_summary_status">;
  thread: { post_id: string; version: string };
  gone: { post_id: string };
  notification: { notification: Schemas["Notification"]; unread_count: number };
  unread: { unread_count: number };
  digest: { kind: "persona"; persona_id: string } | { kind: "weekly" };
  feed: { newer: number };
  reset: Record<string, never>;
  bye: { reason: "expired" | "shutdown" | "limit" | "slow" };
}
type LiveName = keyof LiveEvents;

const handlers = new Map<string, Set<(data: unknown) => void>>();

/** `handler` hears of each such event in this tab until what is returned is called. */
export function onEvent<N extends LiveName>(name: N, handler: (data: LiveEvents[N]) => void): () => void {
  const known = handlers.get(name) ?? new Set();
  const wrapped = (data: unknown) => handler(data as LiveEvents[N]);
  handlers.set(name, known.add(wrapped));
  return () => void known.delete(wrapped);
}

export function tell(name: string, data: unknown): void {
  for (const handler of [...(handlers.get(name) ?? [])]) handler(data);
}
