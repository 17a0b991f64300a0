// What people do is counted. It never holds up what they do, nor fails it.
import { act } from "./api";

export function count(name: string, metadata: Record<string, string>): void {
  void act("post", "/events", { body: { event_name: name, metadata } }).catch(() => undefined);
}
