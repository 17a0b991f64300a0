// Links to the way in, which lead on to somewhere, and what links of before name.

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

/** Where who isn't logged in goes first, to come back to `next`. */
export function loginLink(next: string): string {
  return `/login?next=${encodeURIComponent(next)}`;
}

export function signupLink(next: string): string {
  return `/signup?next=${encodeURIComponent(next)}`;
}
