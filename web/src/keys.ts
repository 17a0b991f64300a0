// The keyboard map: one table, which "?" shows. A key presses the button or follows the link that
// names it in aria-keyshortcuts, so that it does just what the button does. Single keys do nothing
// while somebody types or a dialog is open, and can be turned off.
import { keptText } from "./storage";
import type { Word } from "./words/en";

export const KEYS_OFF = "pw.keys";

interface Shown {
  keys: string;
  word: Word;
}

const PLACES: Record<string, { href: string; word: Word }> = {
  f: { href: "/", word: "feed" }, r: { href: "/rooms", word: "rooms" }, p: { href: "/personas", word: "personas" },
  d: { href: "/drafts", word: "drafts" }, n: { href: "/notifications", word: "notifications" },
  t: { href: "/templates", word: "templates" }, s: { href: "/settings", word: "settings" },
};

export const SHOWN: Shown[] = [
  { keys: "?", word: "keyHelp" }, { keys: "/", word: "search" },
  ...Object.entries(PLACES).map(([key, { word }]) => ({ keys: `g ${key}`, word })),
  { keys: "j", word: "keyNext" }, { keys: "k", word: "keyPrevious" },
  { keys: "n", word: "newBattle" }, { keys: "c", word: "keyDraft" },
  { keys: "a", word: "keyPublish" }, { keys: "e", word: "keyEdit" }, { keys: "#", word: "keyDelete" },
  { keys: "r", word: "keyReplies" }, { keys: "m", word: "keyRemix" }, { keys: "s", word: "keyShare" },
  { keys: "f", word: "keyFollow" }, { keys: "1 2 3", word: "keyFilter" }, { keys: ".", word: "keyNew" },
  { keys: "Ctrl Enter", word: "keySend" }, { keys: "Ctrl S", word: "keySave" },
];

const ITEM = "#main :is(article, li) :is(h2, h3) a";
const PREFIX_MS = 1000;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement
    && target.matches("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=range])");
}

/** In the item that has the focus, else on the page. What deletes needs the focus. */
function pressed(key: string): HTMLElement | undefined {
  const selector = `[aria-keyshortcuts="${CSS.escape(key)}"]:not(:disabled)`;
  const item = document.activeElement?.closest("#main :is(article, li)");
  const inItem = item?.querySelector<HTMLElement>(selector);
  return inItem ?? (key === "#" ? undefined : document.querySelector<HTMLElement>(selector) ?? undefined);
}

function press(key: string): boolean {
  const found = pressed(key);
  found?.click();
  return found !== undefined;
}

/** The focus goes to the next item's link, or the one before. */
function step(by: number): boolean {
  const items = [...document.querySelectorAll<HTMLElement>(ITEM)];
  const at = items.findIndex((item) => item.closest("article, li")?.contains(document.activeElement));
  const next = items[at < 0 ? 0 : at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return next !== undefined;
}

function filter(place: string): boolean {
  const button = document.querySelector<HTMLElement>(`.filters button:nth-of-type(${place})`);
  button?.click();
  return button !== null;
}

/** The map's listener, which hears the keys that were pressed before it, too. `go` follows a link;
 * `help` shows the map. */
export function listen(before: KeyboardEvent[], go: (path: string) => void, help: () => void): () => void {
  let prefixUntil = 0;
  const handlers: Record<string, () => boolean | void> = {
    "?": help, "/": () => go("/search"), n: () => go("/battles/new"), j: () => step(1), k: () => step(-1),
    "1": () => filter("1"), "2": () => filter("2"), "3": () => filter("3"),
    g: () => void (prefixUntil = Date.now() + PREFIX_MS),
  };
  const follow = (key: string): boolean => {
    const place = PLACES[key];
    if (place !== undefined) go(place.href);
    return place !== undefined;
  };
  const single = (key: string): boolean => {
    if (Date.now() < prefixUntil) {
      prefixUntil = 0;
      return follow(key);
    }
    const handler = handlers[key];
    return handler === undefined ? press(key) : handler() !== false;
  };
  const withControl = (event: KeyboardEvent): boolean => {
    const form = event.target instanceof HTMLElement ? event.target.closest("form") : null;
    if (event.key === "Enter") form?.requestSubmit();
    return event.key === "Enter" && form !== null;
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.altKey || event.isComposing) return;
    const isControl = event.ctrlKey || event.metaKey;
    const isIdle = isTyping(event.target) || document.querySelector("dialog[open]") !== null || keptText(KEYS_OFF) === "off";
    const isHandled = isControl ? withControl(event) : !isIdle && event.key.length === 1 && single(event.key);
    if (isHandled) event.preventDefault();
  };
  const onNew = (event: KeyboardEvent) => !event.defaultPrevented && onKey(event);
  before.forEach(onKey);
  document.addEventListener("keydown", onNew);
  return () => document.removeEventListener("keydown", onNew);
}
