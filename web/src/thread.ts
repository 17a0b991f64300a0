// A battle as its page reads it: a visitor's answer, which the server wrote into the page, or a
// user's, which says what is theirs. Who is logged in sees the first until the second is there.
import { computed, signal } from "@preact/signals";
import type { Answer } from "./api";
import { isLoggedIn } from "./session";
import { change, resource, type Resource } from "./store";

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

/** The replies behind a page of them. */
export function repliesAfter(id: string, cursor: string): Resource<Thread> {
  return resource(pathOf(), { at: { id }, query: { cursor } });
}

/** An event told of the thread: `how` makes what is shown from what was. */
export function changeThread(id: string, how: (thread: Thread) => Thread): void {
  change(pathOf(), { at: { id } }, how);
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
