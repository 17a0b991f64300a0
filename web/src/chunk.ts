// Parts of the application that are loaded when they are needed. Their names change with each build,
// so an old tab may ask for one that is gone: then the page is loaded anew, once. What was typed is
// kept when the page goes.
import { ask } from "./api";

const RELOADED = "pw.reloaded";
/** A part that is still missing after that isn't there; a later build's may be. */
const ONCE_IN_MS = 10 * 60_000;

/** Where nothing can be kept, a second time couldn't be told from the first. */
function mayReload(): boolean {
  try {
    return Date.now() - Number(sessionStorage.getItem(RELOADED) ?? 0) >= ONCE_IN_MS;
  } catch {
    return false;
  }
}

/** Loads the page anew, where the server answers: else the browser would show nothing of it. */
export async function reloadWhereUp(): Promise<void> {
  await ask("get", "/healthz");
  location.reload();
}

async function reloadOnce(): Promise<void> {
  await ask("get", "/healthz");
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
}

let reloading: Promise<void> | undefined;

export async function chunk<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (problem) {
    if (!navigator.onLine || (reloading === undefined && !mayReload())) throw problem;
    try {
      await (reloading ??= reloadOnce());
    } catch {
      reloading = undefined;
      throw problem;
    }
    return new Promise<T>(() => undefined); // the page goes
  }
}
