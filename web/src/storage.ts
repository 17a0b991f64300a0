// localStorage, which may be full, or forbidden in a private window: then nothing is kept, and
// `isKept` says so.
import { signal } from "@preact/signals";

export const isKept = signal(true);

/** Where it is kept that single keys are off. */
export const KEYS_OFF = "pw.keys";

export function keptText(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    isKept.value = false;
    return undefined;
  }
}

export function keepText(key: string, text: string): void {
  try {
    localStorage.setItem(key, text);
    isKept.value = true;
  } catch {
    isKept.value = false;
  }
}

export function forget(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    isKept.value = false;
  }
}

export function keptKeys(prefix: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}
