import { signal } from "@preact/signals";
import { isLoggedIn } from "../session";
import { ago, day, language } from "../text";

/** The days as the server wrote them, by its language and the time: a browser's first
 * Intl.DateTimeFormat takes it 20 ms. */
const served = new Map(Array.from(document.querySelectorAll("time"),
  (time) => [document.documentElement.lang + time.dateTime, time.textContent]));

/** Whether those stay; the server's start isn't that of who is logged in. */
const stay = served.size > 0 && !(isLoggedIn.peek() && document.querySelector(".landing"));

/** The minute that shown times are told from. 0 until the first one has gone by where the server wrote
 * the page's text: the day alone is shown till then, as it has it. */
const minute = signal(stay ? 0 : Date.now());
setInterval(() => (minute.value = Date.now()), 60_000);

export function Time({ at }: { at: string }) {
  const time = Date.parse(at);
  return <time dateTime={at}>{minute.value === 0 ? served.get(language.value + at) ?? day(time) : ago(time, minute.value)}</time>;
}
