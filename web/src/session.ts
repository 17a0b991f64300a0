// Who is logged in: the token that this browser keeps, shared by all of its tabs.
import { computed, signal } from "@preact/signals";
import { forget, keptText, keepText } from "./storage";

export interface Session {
  token: string;
  user: string;
  /** Milliseconds since 1970 at which the token ends. */
  ends: number;
}

const TOKEN = "pw.token";
/** The keys of the pages before these: read once, moved, removed. What has no new name is of no use
 * any more: a link says which template, and a remix begins anew. */
const BEFORE: Record<string, string | undefined> = {
  personaworlds_token: TOKEN, personaworlds_share_slug: "pw.share",
  personaworlds_preferred_template_id: undefined, personaworlds_pending_remix_intent: undefined,
};

/** The claims of a JWT, unchecked: the server alone says whether it is good. */
function readToken(token: string): Session | undefined {
  try {
    const part = token.split(".")[1] ?? "";
    const claims: unknown = JSON.parse(atob(part.replace(/-/g, "+").replace(/_/g, "/")));
    if (typeof claims !== "object" || claims === null) return undefined;
    const { user_id, exp } = claims as Record<string, unknown>;
    return typeof user_id === "string" && typeof exp === "number" ? { token, user: user_id, ends: exp * 1000 } : undefined;
  } catch {
    return undefined;
  }
}

function fromStorage(): Session | undefined {
  for (const [before, now] of Object.entries(BEFORE)) {
    const text = keptText(before);
    if (text === undefined) continue;
    if (now !== undefined && keptText(now) === undefined) keepText(now, text);
    forget(before);
  }
  return readToken(keptText(TOKEN) ?? "");
}

export const session = signal<Session | undefined>(fromStorage());
export const isLoggedIn = computed(() => session.value !== undefined);
/** The server refused the token while the page was open: the shell asks for the password, and what
 * is on the page stays. */
export const hasEnded = signal(false);

/** By who sits here, since the page was loaded: what a link asks for is meant only then. */
export let hasBegunHere = false;

/** Somebody has logged in here. */
export function begin(token: string): void {
  hasBegunHere = true;
  renewTo(token);
}

/** The session goes on under this token. */
export function renewTo(token: string): void {
  const next = readToken(token);
  if (next === undefined) return;
  const isAnother = session.value !== undefined && session.value.user !== next.user;
  keepText(TOKEN, token);
  session.value = next;
  hasEnded.value = false;
  // What the page shows and keeps is the other user's.
  if (isAnother) location.reload();
}

/** The page is left with its session: what it shows would ask without a token. */
export function leave(): void {
  forget(TOKEN);
  location.assign("/");
}

addEventListener("storage", (event) => {
  if (event.key !== TOKEN) return;
  const next = readToken(event.newValue ?? "");
  if (next?.user !== session.value?.user) location.reload();
  else if (next !== undefined) {
    session.value = next;
    hasEnded.value = false;
  }
});
