// The first visit of a day is counted, once in each browser.
import { act } from "./api";
import { forget, keepText, keptKeys, keptText } from "./storage";

const DAY = "pw.day";
/** The key of the pages before these has the day in its name. */
const DAY_BEFORE = "personaworlds_daily_return:";

export function noteVisit(now = new Date()): void {
  const day = now.toISOString().slice(0, 10);
  const isCounted = keptText(DAY) === day || keptText(DAY_BEFORE + day) !== undefined;
  keptKeys(DAY_BEFORE).forEach(forget);
  keepText(DAY, day);
  if (!isCounted) void act("post", "/events", { body: { event_name: "daily_return", metadata: { day } } }).catch(() => forget(DAY));
}
