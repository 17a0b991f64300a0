// Which paths have a view here. Links to others load their page, which the server writes.
import { isLoggedIn } from "./session";

export const HERE = /^\/(signup|login)?$/;

/** The start has a view for who is logged in; others get the server's. */
export function isHere(path: string): boolean {
  return HERE.test(path) && (path !== "/" || isLoggedIn.value);
}
