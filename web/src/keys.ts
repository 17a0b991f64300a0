// The keyboard map: one table, which "?" shows. A key presses the button or follows the link that
// names it in aria-keyshortcuts, so that it does just what the button does. Single keys do nothing
// while somebody types or a dialog is open, and can be turned off.
import { KEYS_OFF, keptText } from "./storage";
import type { Word } from "./words/en";

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
  { keys: "Enter", word: "keyOpen" }, { keys: "Esc", word: "keyBack" },
  { keys: "n", word: "newBattle" }, { keys: "c", word: "keyDraft" },
  { keys: "a", word: "keyPublish" }, { keys: "e", word: "keyEdit" }, { keys: "#", word: "keyDelete" },
  { keys: "r", word: "keyReplies" }, { keys: "m", word: "keyRemix" }, { keys: "s", word: "keyShare" },
  { keys: "f", word: "keyFollow" }, { keys: "1 2 3", word: "keyFilter" }, { keys: ".", word: "keyNew" },
  { keys: "Ctrl Enter", word: "keySend" }, { keys: "Ctrl S", word: "keySave" },
];

const ITEM = "#main :is(article, li) :is(h2, h3) a";
const PREFIX_MS = 1000;
/** What changes a draft needs the focus on it. */
const OF_ITEM = ["a", "e", "#"];
/** Pages that a list leads to. */
const ONE_OF_MANY = /^\/(?:b|p|rooms|personas)\/./;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement
    && target.matches("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=range])");
}

/** In the item that has the focus, else on the page. */
function pressed(key: string): HTMLElement | null | undefined {
  const selector = `[aria-keyshortcuts="${CSS.escape(key)}"]:not(:disabled)`;
  const item = document.activeElement?.closest("#main :is(article, li)");
  const inItem = item?.querySelector<HTMLElement>(selector);
  return inItem ?? (OF_ITEM.includes(key) ? undefined : document.querySelector<HTMLElement>(selector));
}

/** Back to the list that led here, at its place. */
function leave(): boolean {
  const { navigation } = window as { navigation?: { canGoBack: boolean } };
  const canLeave = ONE_OF_MANY.test(location.pathname) && navigation?.canGoBack === true;
  if (canLeave) history.back();
  return canLeave;
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

interface Wishes {
  /** Follows a link. */
  go: (path: string) => void;
  /** Shows the map. */
  help: () => void;
  /** Presses the button that publishes, once that was affirmed. */
  askBefore: (button: HTMLElement) => void;
}

/** The map's listener, which hears the keys that were pressed before it, too. */
export function listen(before: KeyboardEvent[], { go, help, askBefore }: Wishes): () => void {
  let prefixUntil = 0;
  const handlers: Record<string, () => boolean | void> = {
    "?": help, "/": () => go("/search"), n: () => go("/battles/new"), j: () => step(1), k: () => step(-1),
    "1": () => filter("1"), "2": () => filter("2"), "3": () => filter("3"),
    g: () => void (prefixUntil = Date.now() + PREFIX_MS), Escape: leave,
  };
  const press = (key: string): boolean => {
    const found = pressed(key);
    if (found?.matches("textarea")) found.focus();
    else if (found && key === "a") askBefore(found);
    else found?.click();
    return found != null;
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
    const isIdle = isTyping(event.target) || keptText(KEYS_OFF) === "off"
      || document.querySelector("dialog[open], :popover-open") !== null;
    const isSingle = event.key.length === 1 || event.key === "Escape";
    const isHandled = isControl ? withControl(event) : !isIdle && isSingle && single(event.key);
    if (isHandled) event.preventDefault();
  };
  const onNew = (event: KeyboardEvent) => !event.defaultPrevented && onKey(event);
  before.forEach(onKey);
  document.addEventListener("keydown", onNew);
  return () => document.removeEventListener("keydown", onNew);
}
