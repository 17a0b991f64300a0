// Which build of the program this page is of. A tab may outlive it: then links load their pages
// anew, and nothing goes away under what is being typed.
import { signal } from "@preact/signals";

/** The server is of another build than this page. */
export const isNewer = signal(false);

let first: string | undefined;

/** The server says its build whenever a stream begins; the first time it is this page's. */
export function noteBuild(build: string): void {
  first ??= build;
  if (build !== first) isNewer.value = true;
}
