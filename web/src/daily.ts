// The first visit of a day is told once.
import { count } from "./counted";
import { forget, keepText, keptText } from "./storage";

const KEY = "pw.daily_return";

export function tellReturn(now: number): void {
  const day = new Date(now).toISOString().slice(0, 10);
  const before = `personaworlds_daily_return:${day}`;
  const isTold = keptText(KEY) === day || keptText(before) !== undefined;
  keepText(KEY, day);
  forget(before);
  if (!isTold) count("daily_return", { day });
}
