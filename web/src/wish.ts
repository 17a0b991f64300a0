// Where a link asks to go after the sign-up. Only a path of this site: one "/" first, and neither
// "//" nor "/\" nor what the browser would drop before reading it so.
import { postOf } from "./next";

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

/** A link to the start that asks for something there: who logs in at the start goes on to it. */
export function isWish({ pathname, search, hash }: Location): boolean {
  const isSection = ["#feed", "#rooms", "#profile"].includes(hash);
  return pathname === "/" && (isSection || postOf(hash) !== undefined || new URLSearchParams(search).has("template"));
}
