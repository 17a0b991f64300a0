import { signal } from "@preact/signals";
import { ago, day } from "../text";

/** The minute that shown times are told from. 0 until the first one has gone by: the day alone is
 * shown till then, as the server writes it. */
const minute = signal(0);
setInterval(() => (minute.value = Date.now()), 60_000);

export function Time({ at }: { at: string }) {
  const time = Date.parse(at);
  return <time dateTime={at}>{minute.value === 0 ? day(time) : ago(time, minute.value)}</time>;
}
