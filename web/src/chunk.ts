// Parts of the application that are loaded when they are needed. Their names change with each build,
// so an old tab may ask for one that is gone: then the page is loaded anew, once. What was typed is
// kept when the page goes.
const RELOADED = "pw.reloaded";

function hasReloaded(): boolean {
  try {
    return sessionStorage.getItem(RELOADED) !== null;
  } catch {
    return true; // nothing can be kept, so a second time couldn't be told from the first
  }
}

function forgetReload(): void {
  try {
    sessionStorage.removeItem(RELOADED);
  } catch {
    // nothing was kept
  }
}

function reloadOnce(): boolean {
  if (hasReloaded()) return false;
  sessionStorage.setItem(RELOADED, "1");
  location.reload();
  return true;
}

export async function chunk<T>(load: () => Promise<T>): Promise<T> {
  try {
    const part = await load();
    forgetReload();
    return part;
  } catch (problem) {
    if (navigator.onLine && reloadOnce()) return new Promise<T>(() => undefined);
    throw problem;
  }
}
