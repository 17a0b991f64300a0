// What the API refuses, in words: fetched when the first refusal is met, as most visits meet none.
import type { Language } from "./text";

const ERRORS: Record<Language, () => Promise<Record<string, string>>> = {
  en: async () => (await import("./words/errors.en")).errors,
  tr: async () => (await import("./words/errors.tr")).errors,
};

/** Codes that only an address by hand or a page at fault can meet. */
const FAMILIES: [RegExp, string][] = [
  [/_id_is_(invalid|required)$/, "error_wrong_id"],
  [/_is_(invalid|required|too_large)$|_must_be_an?_|_must_be_(json|true_or_false|0_or_1|200_chars|between_1_and_100)$/, "error_malformed"],
  [/_must_be_(draft_or_published|battle_persona_template_or_room|at_most_50_post_ids)$/, "error_malformed"],
  [/^un(known|supported)_|^request_body_must|^content_type_|^invalid_idempotency_key$/, "error_malformed"],
];

/** Says a code; nothing for one that came after this page. */
export type Refusals = (code: string) => string | undefined;

export async function refusalsIn(language: Language): Promise<Refusals> {
  const words = await ERRORS[language]();
  return (code) => words[`error_${code}`] ?? words[FAMILIES.find(([pattern]) => pattern.test(code))?.[1] ?? ""];
}
