// Which paths have a view here. Links to others load their page, which the server writes.
import type { ComponentType } from "preact";
import { isNewer } from "./build";
import { chunk } from "./chunk";
import { withPart } from "./part";
import { isLoggedIn } from "./session";
import type { Part } from "./text";

/** Who a view is for; others get the server's page, or log in first. */
type Who = "all" | "visitors" | "users";

/** A view and what it needs; loaded when it is visited. */
interface View {
  Loaded: ComponentType | undefined;
  load: () => Promise<void>;
}

export interface Row {
  path: string;
  who: Who;
  view: View;
}

/** `part`: what the view needs beside what all have. */
function row(path: string, who: Who, load: () => Promise<{ default: ComponentType }>, part?: Part): Row {
  const view: View = {
    Loaded: undefined,
    async load() {
      view.Loaded ??= (await (part === undefined ? chunk(load) : withPart(part, load))).default;
    },
  };
  return { path, who, view };
}

/** The first that fits holds. */
const ROWS: Row[] = [
  row("/", "users", () => import("./views/home")),
  row("/", "visitors", () => import("./views/landing")),
  row("/signup", "all", () => import("./views/signup")),
  row("/login", "all", () => import("./views/signup")),
  row("/welcome", "users", () => import("./views/welcome"), "personas"),
  row("/battles/new", "users", () => import("./views/new-battle"), "more"),
  row("/templates", "all", () => import("./views/templates"), "more"),
  row("/templates/new", "users", () => import("./views/template-new"), "more"),
  row("/search", "users", () => import("./views/search"), "more"),
  row("/settings", "users", () => import("./views/settings"), "more"),
  row("/verify", "all", () => import("./views/verify"), "more"),
  row("/reset", "all", () => import("./views/reset"), "more"),
  row("/p/:slug", "all", () => import("./views/profile"), "personas"),
  row("/rooms", "users", () => import("./views/rooms"), "more"),
  row("/rooms/:id", "users", () => import("./views/room"), "more"),
  row("/drafts", "users", () => import("./views/drafts"), "more"),
  row("/personas", "users", () => import("./views/personas"), "personas"),
  row("/personas/new", "users", () => import("./views/persona"), "personas"),
  row("/personas/:id", "users", () => import("./views/persona"), "personas"),
  row("/b/:id", "all", () => import("./views/battle")),
  row("/notifications", "users", () => import("./views/notifications"), "more"),
  row("/digest", "users", () => import("./views/digest"), "more"),
];

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/:(\w+)/g, "(?<$1>[^/?#]+)")}(?:[?#].*)?$`);
}

export type Params = Record<string, string>;

/** What stands in the place of the row's names: { id } of /b/:id. */
export function paramsOf(row: Row | undefined, path: string): Params {
  const found = Object.entries((row && patternOf(row.path).exec(path)?.groups) ?? {});
  return Object.fromEntries(found.map(([name, text]) => [name, decodeURIComponent(text)]));
}

/** The row of a path, which may have its query. */
export function rowOf(path: string): Row | undefined {
  return ROWS.find((row) => patternOf(row.path).test(path) && isFor(row));
}

/** A page for users asks a visitor to log in, but the start, which is another page for them. */
function isFor({ path, who }: Row): boolean {
  if (isLoggedIn.value) return who !== "visitors";
  return who !== "users" || path !== "/";
}

/** A page of an older build than the server's leaves every path to be loaded anew. */
function isHere(path: string): boolean {
  return !isNewer.peek() && rowOf(path) !== undefined;
}

/** What the router may take over of all links; it asks as of a regular expression. */
export const HERE = { test: isHere } as RegExp;
