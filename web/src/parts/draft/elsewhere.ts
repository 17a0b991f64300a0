// Whether another tab of this browser has a draft at hand: who comes later is told.
import { signal } from "@preact/signals";

interface Said {
  kind: "opens" | "has" | "leaves";
  draft: string;
  /** The tab that is answered; its own name where it asks. */
  tab: string;
}

const TAB = `${Date.now()}.${Math.random()}`;
const here = new Set<string>();
const elsewhere = signal<readonly string[]>([]);
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("pw.drafts") : undefined;

function tell(said: Said): void {
  channel?.postMessage(said);
}

channel?.addEventListener("message", ({ data: { kind, draft, tab } }: MessageEvent<Said>) => {
  if (kind === "opens" && here.has(draft)) tell({ kind: "has", draft, tab });
  if (kind === "has" && tab === TAB) elsewhere.value = [...elsewhere.value, draft];
  if (kind === "leaves") elsewhere.value = elsewhere.value.filter((other) => other !== draft);
});

addEventListener("pagehide", () => here.forEach(leaveDraft));

/** Somebody begins to work on it here. */
export function openDraft(draft: string): void {
  if (here.has(draft)) return;
  here.add(draft);
  tell({ kind: "opens", draft, tab: TAB });
}

export function leaveDraft(draft: string): void {
  if (here.delete(draft)) tell({ kind: "leaves", draft, tab: TAB });
}

export function isElsewhere(draft: string): boolean {
  return elsewhere.value.includes(draft);
}
