// A persona's fields as its form keeps them, all as text, and as the API takes them.
import type { components } from "./contract";

export type Persona = components["schemas"]["Persona"];

/** How the API bounds each field, in code points; lists also in items. */
export const MAX = { name: 80, bio: 500, tone: 60, sample: 180 };
export const LISTS = {
  catchphrases: { items: 20, length: 80 },
  neverSaid: { items: 50, length: 120 },
};
export const SAMPLES = ["sample1", "sample2", "sample3"] as const;

/** A type, not an interface: what keptForm keeps has only texts in it. */
export type PersonaFields = {
  name: string; bio: string; tone: string; sample1: string; sample2: string; sample3: string;
  /** Lists as JSON, and beside each what is typed and not yet added to it. */
  catchphrases: string; catchphrasesTyped: string; neverSaid: string; neverSaidTyped: string;
  language: string; formality: string; draftQuota: string; replyQuota: string;
};

export type Voice = Pick<
  Persona,
  "name" | "bio" | "tone" | "writing_samples" | "catchphrases" | "do_not_say" | "preferred_language" | "formality"
>;

export function newFields(language: string): PersonaFields {
  return {
    name: "", bio: "", tone: "", sample1: "", sample2: "", sample3: "", catchphrases: "[]", catchphrasesTyped: "",
    neverSaid: "[]", neverSaidTyped: "", language, formality: "1", draftQuota: "", replyQuota: "",
  };
}

export function fieldsOf(persona: Persona): PersonaFields {
  return {
    ...voiceFields(persona), draftQuota: String(persona.daily_draft_quota),
    replyQuota: String(persona.daily_reply_quota),
  };
}

/** The fields of a voice alone: quotas are no part of how it sounds. */
export function voiceFields(voice: Voice): Omit<PersonaFields, "draftQuota" | "replyQuota"> {
  const [sample1 = "", sample2 = "", sample3 = ""] = voice.writing_samples;
  return {
    name: voice.name, bio: voice.bio, tone: voice.tone, sample1, sample2, sample3,
    catchphrases: JSON.stringify(voice.catchphrases), catchphrasesTyped: "",
    neverSaid: JSON.stringify(voice.do_not_say), neverSaidTyped: "",
    language: voice.preferred_language, formality: String(voice.formality),
  };
}

/** The items of a list's text; none of one that was kept by somebody else's hand. */
export function itemsOf(text: string): string[] {
  try {
    const items: unknown = JSON.parse(text);
    return Array.isArray(items) ? items.filter((item) => typeof item === "string") : [];
  } catch {
    return [];
  }
}

/** With `typed` at its end, unless it is empty or there already. */
export function withTyped(text: string, typed: string): string[] {
  const items = itemsOf(text), item = typed.trim();
  return item === "" || items.includes(item) ? items : [...items, item];
}

/** What was typed and not added belongs to it: who presses Save means all that is to be seen. */
export function voiceOf(fields: PersonaFields): Voice {
  return {
    name: fields.name, bio: fields.bio, tone: fields.tone, writing_samples: SAMPLES.map((sample) => fields[sample]),
    catchphrases: withTyped(fields.catchphrases, fields.catchphrasesTyped),
    do_not_say: withTyped(fields.neverSaid, fields.neverSaidTyped),
    preferred_language: fields.language, formality: Number(fields.formality),
  };
}

/** An empty quota is left out: a new persona gets the usual one. */
function quotaOf(name: "daily_draft_quota" | "daily_reply_quota", text: string): Partial<Persona> {
  return text.trim() === "" ? {} : { [name]: Number(text) };
}

export function bodyOf(fields: PersonaFields): Voice & Partial<Persona> {
  return {
    ...voiceOf(fields), ...quotaOf("daily_draft_quota", fields.draftQuota),
    ...quotaOf("daily_reply_quota", fields.replyQuota),
  };
}
