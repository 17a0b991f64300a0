// The tab's title. While nobody looks it counts what came: "(2) Feed · PersonaWorlds".
import { onEvent } from "./live/events";

let name = document.title;
/** What came while the tab was hidden: an event told twice counts once. */
const unseen = new Set<string>();

function show(): void {
  document.title = unseen.size === 0 ? name : `(${unseen.size}) ${name}`;
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
