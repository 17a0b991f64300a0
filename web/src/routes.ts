// Which paths have a view here. Links to others load their page, which the server writes.
import { lazy } from "preact-iso";
import type { ComponentType } from "preact";
import { isNewer } from "./build";
import { chunk } from "./chunk";
import { isLoggedIn } from "./session";

/** Who a view is for; others get the server's page, or log in first. */
type Who = "all" | "visitors" | "users";

type View = ReturnType<typeof lazy<ComponentType>>;

export interface Row {
  path: string;
  who: Who;
  view: View;
}

function row(path: string, who: Who, load: () => Promise<{ default: ComponentType }>): Row {
  return { path, who, view: lazy(() => chunk(load)) };
}

/** The first that fits holds. */
export const ROWS: Row[] = [
  row("/", "users", () => import("./views/home")),
  row("/", "visitors", () => import("./views/landing")),
  row("/signup", "all", () => import("./views/signup")),
  row("/login", "all", () => import("./views/signup")),
  row("/welcome", "users", () => import("./views/welcome")),
  row("/battles/new", "users", () => import("./views/new-battle")),
  row("/templates", "all", () => import("./views/templates")),
  row("/templates/new", "users", () => import("./views/template-new")),
  row("/search", "users", () => import("./views/search")),
  row("/settings", "users", () => import("./views/settings")),
  row("/verify", "all", () => import("./views/verify")),
  row("/reset", "all", () => import("./views/reset")),
  row("/p/:slug", "all", () => import("./views/profile")),
  row("/rooms", "users", () => import("./views/rooms")),
  row("/rooms/:id", "users", () => import("./views/room")),
  row("/drafts", "users", () => import("./views/drafts")),
  row("/personas", "users", () => import("./views/personas")),
  row("/personas/new", "users", () => import("./views/persona")),
  row("/personas/:id", "users", () => import("./views/persona")),
  row("/b/:id", "all", () => import("./views/battle")),
  row("/notifications", "users", () => import("./views/notifications")),
  row("/digest", "users", () => import("./views/digest")),
];

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/:\w+/g, "[^/?#]+")}(?:[?#].*)?$`);
}

/** The row of a path, which may have its query. */
export function rowOf(path: string): Row | undefined {
  return ROWS.find((row) => patternOf(row.path).test(path) && isFor(row));
}

/** A page for users asks a visitor to log in, but the start, which is another page for them. */
export function isFor({ path, who }: Row): boolean {
  if (isLoggedIn.value) return who !== "visitors";
  return who !== "users" || path !== "/";
}

/** A page of an older build than the server's leaves every path to be loaded anew. */
export function isHere(path: string): boolean {
  return !isNewer.peek() && rowOf(path) !== undefined;
}

/** What the router may take over of all links; it asks as of a regular expression. */
export const HERE = { test: isHere } as RegExp;
