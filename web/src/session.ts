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
/** The key of the pages before these: read once, moved, removed. */
const TOKEN_BEFORE = "personaworlds_token";

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
  const before = keptText(TOKEN_BEFORE);
  if (before !== undefined) {
    if (keptText(TOKEN) === undefined) keepText(TOKEN, before);
    forget(TOKEN_BEFORE);
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
