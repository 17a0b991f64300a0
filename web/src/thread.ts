// A battle as its page reads it: a visitor's answer, which the server wrote into the page, or a
// user's, which says what is theirs. Who is logged in sees the first until the second is there.
import { computed, signal } from "@preact/signals";
import type { Answer, Asked } from "./api";
import { isLoggedIn } from "./session";
import { change, isShown, known, readAnew, resource, type Resource } from "./store";

export type Thread = Answer<"get", "/b/{id}">;

/** A reply that will not come. */
export interface Missed {
  persona_name: string;
  code: string;
}

function pathOf(): "/b/{id}" | "/posts/{id}/thread" {
  return isLoggedIn.value ? "/posts/{id}/thread" : "/b/{id}";
}

/** What is shown of it, and `load`, which asks again: after a failure, or where an event said so. */
export function threadOf(id: string): Resource<Thread> {
  const { state, load } = resource(pathOf(), { at: { id } });
  const served = resource("/b/{id}", { at: { id } }).state;
  return { state: computed(() => ({ ...state.value, data: state.value.data ?? served.value.data })), load };
}

function askedOf(id: string, cursor: string | undefined): Asked {
  return cursor === undefined ? { at: { id } } : { at: { id }, query: { cursor } };
}

/** The replies behind a page of them. */
export function repliesAfter(id: string, cursor: string): Resource<Thread> {
  return resource(pathOf(), askedOf(id, cursor));
}

/** Where its pages begin: undefined is the first. The last may not be read yet. */
function cursorsOf(id: string): (string | undefined)[] {
  const cursors: (string | undefined)[] = [undefined];
  for (let cursor = threadPage(id)?.next_cursor; cursor; cursor = threadPage(id, cursor)?.next_cursor) cursors.push(cursor);
  return cursors;
}

function threadPage(id: string, cursor?: string): Thread | undefined {
  return known(pathOf(), askedOf(id, cursor))?.data;
}

/** What was read of it, page by page. */
export function threadPages(id: string): Thread[] {
  return cursorsOf(id).flatMap((cursor) => threadPage(id, cursor) ?? []);
}

export function isThreadShown(id: string): boolean {
  return isShown(pathOf(), askedOf(id, undefined));
}

/** An event told of the thread: `how` makes what is shown from what was, on its first page or the one
 * with this number. */
export function changeThread(id: string, how: (thread: Thread) => Thread, page = 0): void {
  change(pathOf(), askedOf(id, cursorsOf(id)[page]), how);
}

/** Asks again for all of it that was read: an event told that it has changed. */
export function readThread(id: string): void {
  for (const cursor of cursorsOf(id)) readAnew(pathOf(), askedOf(id, cursor), true);
}

/** The same with what is known of it in mind: mostly it hasn't changed. */
export function pollThread(id: string): void {
  for (const cursor of cursorsOf(id)) readAnew(pathOf(), askedOf(id, cursor));
}

/** By the post's id; events alone tell of them, so they last as long as the page. */
const missed = signal<Record<string, Missed[]>>({});

export function missedOf(id: string): Missed[] {
  return missed.value[id] ?? [];
}

export function noteMissed(id: string, one: Missed): void {
  missed.value = { ...missed.value, [id]: [...missedOf(id), one] };
}

const LABELLED = /^\s*(?:topic|template|pro style|con style):/i;

/** What the post says beside its topic and sides, which stand above it: opening_of in
 * api/pages/battle.c. */
export function openingOf({ post, sides }: Thread): string {
  if (sides === undefined) return post.content;
  return post.content.split(/[\r\n]/).filter((line) => !LABELLED.test(line)).join("\n").trim();
}
