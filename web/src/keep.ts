// What people type stays until the server has it: kept 300 ms after the last key and when the page
// goes, given back when the form is shown again, dropped after success or after 30 days. Passwords
// never come here.
import { signal, type Signal } from "@preact/signals";
import { session } from "./session";
import { forget, keepText, keptKeys, keptText } from "./storage";

export type Fields = Record<string, string>;

interface Written {
  at: number;
  fields: Fields;
}

const PREFIX = "pw.keep.";
const WAIT_MS = 300;
const LIFE_MS = 30 * 86_400_000;
const FORMS_MAX = 100;
const SIZE_MAX = 8192;

/** What was typed and isn't kept yet, by its key. */
const waiting = new Map<string, { timer: number; keep: () => void }>();

addEventListener("pagehide", () => waiting.forEach(({ keep }) => keep()));

function stopWaiting(key: string): void {
  clearTimeout(waiting.get(key)?.timer);
  waiting.delete(key);
}

export interface Form<F extends Fields> {
  fields: Signal<F>;
  /** What was typed before came back. */
  isRestored: Signal<boolean>;
  set: (name: keyof F & string, value: string) => void;
  /** Back to what it began with. */
  drop: () => void;
}

function read(key: string): Written | undefined {
  try {
    const kept = JSON.parse(keptText(key) ?? "null") as Written | null;
    return kept !== null && typeof kept.at === "number" && typeof kept.fields === "object" ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** Old ones go, and the oldest beyond the hundred. */
function tidy(now: number): void {
  const all = keptKeys(PREFIX).map((key) => ({ key, at: read(key)?.at ?? 0 })).sort((a, b) => b.at - a.at);
  all.forEach(({ key, at }, place) => {
    if (place >= FORMS_MAX || now - at > LIFE_MS) forget(key);
  });
}

/** Nothing that this user typed stays. */
export function forgetForms(): void {
  const own = `${PREFIX}${session.value?.user ?? "-"}.`;
  waiting.forEach((_, key) => stopWaiting(key));
  keptKeys(own).forEach(forget);
}

/** The fields of one form about one subject. `initial` says which fields there are. */
export function keptForm<F extends Fields>(form: string, subject: string, initial: F): Form<F> {
  const key = `${PREFIX}${session.value?.user ?? "-"}.${form}.${subject}`;
  tidy(Date.now());
  const before = read(key)?.fields ?? {};
  const restored = Object.fromEntries(Object.entries(before).filter(([name, value]) =>
    name in initial && typeof value === "string" && value !== initial[name]));
  const fields = signal<F>({ ...initial, ...restored });
  const isRestored = signal(Object.keys(restored).length > 0);
  const keep = () => {
    stopWaiting(key);
    const text = JSON.stringify({ at: Date.now(), fields: fields.value } satisfies Written);
    if (text.length <= SIZE_MAX) keepText(key, text);
  };
  return {
    fields, isRestored,
    set(name, value) {
      fields.value = { ...fields.value, [name]: value };
      stopWaiting(key);
      waiting.set(key, { timer: window.setTimeout(keep, WAIT_MS), keep });
    },
    drop() {
      stopWaiting(key);
      forget(key);
      fields.value = initial;
      isRestored.value = false;
    },
  };
}
