// The previews of a day, by persona: what was heard, and the voice that it came from. The server
// keeps none of it. A new day begins when its quotas do, at midnight UTC.
import type { Voice } from "./persona";
import { session } from "./session";
import { forget, keepText, keptKeys, keptText } from "./storage";

export interface Heard {
  id: string;
  room: string;
  texts: { label: string; content: string }[];
  voice: Voice;
}

interface Day {
  day: string;
  heard: Heard[];
}

const PREFIX = "pw.heard.";
const HEARD_MAX = 20;

function keyOf(persona: string): string {
  return `${PREFIX}${session.value?.user ?? "-"}.${persona}`;
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

function read(key: string): Heard[] {
  try {
    const kept = JSON.parse(keptText(key) ?? "null") as Day | null;
    return kept !== null && kept.day === today() && Array.isArray(kept.heard) ? kept.heard : [];
  } catch {
    return [];
  }
}

/** Those of today, newest first. Other days' go. */
export function heardToday(persona: string): Heard[] {
  for (const key of keptKeys(PREFIX)) if (read(key).length === 0) forget(key);
  return read(keyOf(persona));
}

/** The list with one more. */
export function keepHeard(persona: string, heard: Omit<Heard, "id">): Heard[] {
  const list = [{ ...heard, id: String(Date.now()) }, ...read(keyOf(persona))].slice(0, HEARD_MAX);
  keepText(keyOf(persona), JSON.stringify({ day: today(), heard: list } satisfies Day));
  return list;
}
