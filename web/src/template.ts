// A template's fields as one types them, what the server would say of them, and what is known of
// those that were made.
import type { components } from "./contract";
import { changeAll } from "./store";

export type Template = components["schemas"]["Template"];

export type TemplateFields = { name: string; rules: string; turns: string; words: string; shown: string };

/** The bounds of the server: domain/template.c. */
export const MAX = { name: 80, rules: 1200 };
const TURNS = [2, 20] as const;
const WORDS = [40, 500] as const;

export const NEW: TemplateFields = { name: "", rules: "", turns: "6", words: "120", shown: "private" };

export function fieldsOf(template: Template): TemplateFields {
  return {
    name: template.name, rules: template.prompt_rules, turns: String(template.turn_count),
    words: String(template.word_limit), shown: template.is_public ? "public" : "private",
  };
}

export function bodyOf({ name, rules, turns, words, shown }: TemplateFields) {
  return { name, prompt_rules: rules, turn_count: Number(turns), word_limit: Number(words), is_public: shown === "public" };
}

function isWithin(text: string, [least, most]: readonly [number, number]): boolean {
  return /^\d+$/.test(text.trim()) && Number(text) >= least && Number(text) <= most;
}

const length = (text: string) => [...text.trim()].length;

/** The code of what is wrong with each field, as the server would answer; fields that are right
 * aren't there. */
export function problemsOf({ name, rules, turns, words }: TemplateFields): Partial<Record<keyof TemplateFields, string>> {
  return {
    ...(length(name) === 0 ? { name: "name_is_required" } : length(name) > MAX.name && { name: "name_must_be_80_chars" }),
    ...(length(rules) === 0
      ? { rules: "prompt_rules_is_required" }
      : length(rules) > MAX.rules && { rules: "prompt_rules_must_be_1200_chars" }),
    ...(!isWithin(turns, TURNS) && { turns: "turn_count_must_be_between_2_and_20" }),
    ...(!isWithin(words, WORDS) && { words: "word_limit_must_be_between_40_and_500" }),
  };
}

const FIELDS: [RegExp, keyof TemplateFields][] = [
  [/^name_/, "name"], [/^prompt_rules_/, "rules"], [/^turn_count_/, "turns"], [/^word_limit_/, "words"],
];

/** Which field a refusal is about. */
export function fieldOf(code: string): keyof TemplateFields | undefined {
  return FIELDS.find(([pattern]) => pattern.test(code))?.[1];
}

/** One that was made or changed is in the lists at once, where it belongs. */
export function knowTemplate(template: Template): void {
  changeAll("/templates", (list, { mine, cursor }) => {
    const belongs = mine !== undefined || template.is_public;
    const isThere = list.templates.some(({ id }) => id === template.id);
    if (!belongs) return without(list, template.id);
    if (isThere) return { ...list, templates: list.templates.map((one) => (one.id === template.id ? template : one)) };
    return cursor === undefined ? { ...list, templates: [template, ...list.templates] } : list;
  });
}

export function forgetTemplate(id: string): void {
  changeAll("/templates", (list) => without(list, id));
}

function without(list: components["schemas"]["Templates"], id: string): components["schemas"]["Templates"] {
  return { ...list, templates: list.templates.filter((template) => template.id !== id) };
}
