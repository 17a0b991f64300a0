// Where a link asks to go after the sign-up. Only a path of this site: one "/" first, and neither
// "//" nor "/\" nor what the browser would drop before reading it so.

/** The path, or "/" for anything else. */
export function safeNext(asked: string | null | undefined, base = location.origin): string {
  if (typeof asked !== "string" || !/^\/(?![/\\])/.test(asked) || /[\u0000-\u001f\u007f]/.test(asked)) return "/";
  try {
    const url = new URL(asked, base);
    return url.origin === new URL(base).origin ? url.pathname + url.search + url.hash : "/";
  } catch {
    return "/";
  }
}

/** The path with remix=1 added, for `/signup?next=…&remix=1`. */
export function withRemix(path: string): string {
  const url = new URL(path, location.origin);
  url.searchParams.set("remix", "1");
  return url.pathname + url.search + url.hash;
}

/** The post that a link of before names: `/#post-<id>`. */
export function postOf(hash: string): string | undefined {
  return /^#post-([\w-]+)$/.exec(hash)?.[1];
}

/** A link to the start that asks for something there: who logs in at the start goes on to it. */
export function isWish({ pathname, search, hash }: Location): boolean {
  const isSection = ["#feed", "#rooms", "#profile"].includes(hash);
  return pathname === "/" && (isSection || postOf(hash) !== undefined || new URLSearchParams(search).has("template"));
}

/** Where who isn't logged in goes first, to come back to `next`. */
export function loginLink(next: string): string {
  return `/login?next=${encodeURIComponent(next)}`;
}

export function signupLink(next: string): string {
  return `/signup?next=${encodeURIComponent(next)}`;
}
