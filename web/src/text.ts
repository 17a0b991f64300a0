// The page's own words and how it writes numbers and times, in the reader's language.
import { signal } from "@preact/signals";
import type { Failure } from "./api";
import { keepText, keptText } from "./storage";
import { chunk } from "./chunk";
import type { Refusals } from "./refusals";
import type { Word } from "./words/en";

export type Language = "en" | "tr";
type Words = Record<Word, string>;

const LANGUAGE = "pw.lang";

function isLanguage(text: string | null | undefined): text is Language {
  return text === "en" || text === "tr";
}

/** The link's, else the kept one, else the browser's, else English. */
function preferred(search: string, kept: string | undefined, browser: readonly string[]): Language {
  const asked = new URLSearchParams(search).get("lang");
  if (isLanguage(asked)) return asked;
  if (isLanguage(kept)) return kept;
  return browser.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage) ?? "en";
}

export const language = signal<Language>(preferred(location.search, keptText(LANGUAGE), navigator.languages));

/** What all pages may say, and what only some do, which learn it before they are shown. */
export type Part = "more" | "personas";
const DICTIONARIES: Record<Language, Record<Part | "first", () => Promise<Partial<Words>>>> = {
  en: {
    first: async () => (await import("./words/en")).en,
    more: async () => (await import("./words/more.en")).more,
    personas: async () => (await import("./words/personas.en")).personas,
  },
  tr: {
    first: async () => (await import("./words/tr")).tr,
    more: async () => (await import("./words/more.tr")).more,
    personas: async () => (await import("./words/personas.tr")).personas,
  },
};
/** Those of `language`; none before `speak` has ended. */
const words = signal<Partial<Words>>({});
const parts = new Set<Part | "first">(["first"]);
let wanted = language.peek();
/** Of all that ask, the last one is right. */
let newest: Promise<void> | undefined;

/** Ends when all parts are there that were asked for by then. */
function fetchWords(): Promise<void> {
  const next = wanted;
  const mine: Promise<void> = chunk(() => Promise.all([...parts].map((part) => DICTIONARIES[next][part]()))).then((all) => {
    if (newest !== mine) return newest;
    words.value = Object.assign({}, ...all) as Partial<Words>;
    language.value = next;
    document.documentElement.lang = next;
    return undefined;
  });
  // One that failed is nothing that a later one waits for.
  mine.catch(() => {
    if (newest === mine) newest = undefined;
  });
  return (newest = mine);
}

/** Ends when the page speaks the language. */
export function speak(next: Language, isChosen = false): Promise<void> {
  if (isChosen) keepText(LANGUAGE, next);
  wanted = next;
  return fetchWords();
}

/** The same with nothing but the words of all pages: a part's aren't to be had. */
export function speakPlainly(next: Language): Promise<void> {
  parts.clear();
  parts.add("first");
  return speak(next);
}

/** Ends when the page has the part's words. */
export async function learn(part: Part): Promise<void> {
  if (parts.has(part)) return newest;
  parts.add(part);
  try {
    await fetchWords();
  } catch (problem) {
    parts.delete(part);
    throw problem;
  }
}

/** There are words for it now. */
export function isWord(key: string): key is Word {
  return key in words.value;
}

/** What writes in a language is slow to make, and so is kept until there is another. */
function writer<T, O>(Kind: new (of: Language, options?: O) => T, options?: O): () => T {
  let made: T, of: Language | undefined;
  return () => (of === language.value ? made : (made = new Kind((of = language.value), options)));
}

const plurals = writer(Intl.PluralRules);
const figures = writer(Intl.NumberFormat);
const spans = writer(Intl.RelativeTimeFormat, { numeric: "auto", style: "narrow" });
const days = writer(Intl.DateTimeFormat, { dateStyle: "medium" });

type Values = Record<string, string | number>;

/** The words of a key, in which {name} is `values.name`, and "one|many" is chosen by `values.n`. */
export function t(key: Word, values: Values = {}): string {
  if (!isWord(key)) console.error(`no words: ${key}`);
  const [one = "", many] = (words.value[key] ?? key).split("|");
  const isOne = many === undefined || plurals().select(Number(values["n"] ?? 1)) === "one";
  return (isOne ? one : many).replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? "";
    return typeof value === "number" ? number(value) : value;
  });
}

/** What somebody wrote, among the page's words: its direction is its own. */
export function apart(text: string): string {
  return `\u2068${text}\u2069`;
}

/** Few pages have a number with groups, and a browser's first Intl.NumberFormat takes it 25 ms. */
export function number(value: number): string {
  return value % 1 === 0 && value < 1000 ? String(value) : figures().format(value);
}

const refusals = signal<{ of?: Language; say: Refusals }>({ say: () => undefined });
let fetched: Language | undefined;

function fetchRefusals(of: Language): void {
  if (fetched === of) return;
  fetched = of;
  chunk(async () => (await import("./refusals")).refusalsIn(of))
    .then((say) => (refusals.value = { of, say }), () => (fetched = undefined));
}

/** A code in words: none for one that came after this page, and less than there is to say until its
 * words are there. */
export function errorText(code: string): string | undefined {
  const key = `error_${code}`;
  if (isWord(key)) return t(key);
  fetchRefusals(language.value);
  return refusals.value.of === language.value ? refusals.value.say(code) : t("failed");
}

/** A failure in words: by its code, else the server's sentence. */
export function failureText(failure: Failure): string {
  if (failure.isOffline) return t("offline");
  // Of a session here; elsewhere of a link in a mail.
  if (failure.status === 401 && /^invalid_token$|_auth_header$/.test(failure.code)) return t("expired");
  return errorText(failure.code) ?? failure.message;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000],
];
const RELATIVE_MAX_MS = 7 * 86_400_000;

/** "2 h ago", or the day where that is more than a week away. */
export function ago(time: number, now: number): string {
  const past = now - time;
  if (Math.abs(past) > RELATIVE_MAX_MS) return day(time);
  const [unit, size] = STEPS.find(([, step]) => Math.abs(past) >= step) ?? ["minute", 60_000];
  return spans().format(-Math.trunc(past / size), unit);
}

export function day(time: number): string {
  return days().format(time);
}

export function clock(time: number): string {
  return new Intl.DateTimeFormat(language.value, { timeStyle: "short" }).format(time);
}
