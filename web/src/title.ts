// The tab's title. While nobody looks it counts what came: "(2) Feed · PersonaWorlds", and its sign
// has a dot.
import dotted from "./favicon-dot.svg";
import { onEvent } from "./live/events";

const PLAIN = "/favicon.svg";

let name = document.title;
/** What came while the tab was hidden: an event told twice counts once. */
const unseen = new Set<string>();

function show(): void {
  document.title = unseen.size === 0 ? name : `(${unseen.size}) ${name}`;
  const icon = document.querySelector('link[rel="icon"]'), wanted = unseen.size === 0 ? PLAIN : dotted;
  if (icon?.getAttribute("href") !== wanted) icon?.setAttribute("href", wanted);
}

function note(id: string): void {
  if (document.visibilityState === "visible") return;
  unseen.add(id);
  show();
}

export function nameTab(next: string): void {
  name = next;
  show();
}

/** From now on; `isWatched` says which posts' replies concern this tab. */
export function countUnseen(isWatched: (post: string) => boolean): void {
  onEvent("reply", ({ post_id, reply }) => isWatched(post_id) && note(reply.id));
  onEvent("notification", ({ notification }) => note(`notification ${notification.id}`));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    unseen.clear();
    show();
  });
}
