// Short messages. Both live regions stand in the page from the start, or they wouldn't be read out.
import { signal } from "@preact/signals";

const polite = signal("");
const urgent = signal("");
const SHOWN_MS = 4200;
let timer: number | undefined;

export function say(text: string, isUrgent = false): void {
  polite.value = isUrgent ? "" : text;
  urgent.value = isUrgent ? text : "";
  clearTimeout(timer);
  timer = window.setTimeout(() => say(""), SHOWN_MS);
}

export function Toasts() {
  return (
    <div class="toasts">
      <p role="status" class="toast">{polite}</p>
      <p role="alert" class="toast">{urgent}</p>
    </div>
  );
}
