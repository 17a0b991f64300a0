// An act that is asked again after its answer didn't come has its effect once: the same request
// goes under the same Idempotency-Key until it has an answer (http-api, section 1). Of one that takes
// no key it is known at least that it may have been done.
const keys = new Map<string, string>();

function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The key of a request, whose text is all that it does. */
export function keyFor(request: string): string {
  const key = keys.get(request) ?? newKey();
  keys.set(request, key);
  return key;
}

/** It was sent before, and no answer came. */
export function mayBeDone(request: string): boolean {
  return keys.has(request);
}

/** It was answered: the same request means a new act from now on. */
export function answered(request: string): void {
  keys.delete(request);
}
