import { signal } from "@preact/signals";
import { isLoggedIn } from "../session";
import { ago, day } from "../text";

/** Whether the server wrote times that stay; its start isn't that of who is logged in. */
function hasServed(): boolean {
  return document.querySelector(isLoggedIn.peek() ? "main time:not(.landing time)" : "main time") !== null;
}

/** The minute that shown times are told from. 0 until the first one has gone by where the server wrote
 * the page's text: the day alone is shown till then, as it has it. */
const minute = signal(hasServed() ? 0 : Date.now());
setInterval(() => (minute.value = Date.now()), 60_000);

export function Time({ at }: { at: string }) {
  const time = Date.parse(at);
  return <time dateTime={at}>{minute.value === 0 ? day(time) : ago(time, minute.value)}</time>;
}
