// Lists of posts, page by page, and what acts on drafts change in what is known.
import type { components } from "./contract";
import { act, remove } from "./api";
import { useAct, type Act } from "./act";
import { change, resource, type Resource } from "./store";
import { useStreamed, type Streamed } from "./streamed";

export type Post = components["schemas"]["Post"];
export type ListedPost = components["schemas"]["ListedPost"];
type Page = components["schemas"]["posts.list_own"];

/** A list that the API gives in pages: those of a room, or one's own. */
export type ListOf = { room: string } | { status: "draft" | "published" };

const PAGE = 20;

/** Of drafts as many as the API gives: a link may name any of them. */
function askedOf(list: ListOf, cursor: string) {
  const from = cursor === "" ? {} : { cursor };
  if ("room" in list)
    return { path: "/rooms/{id}/posts", asked: { at: { id: list.room }, query: { limit: PAGE, ...from } } } as const;
  const page = list.status === "draft" ? from : { limit: PAGE, ...from };
  return { path: "/me/posts", asked: { query: { status: list.status, ...page } } } as const;
}

/** `cursor`: "" for the first page. */
export function pageOf(list: ListOf, cursor = ""): Resource<Page> {
  const { path, asked } = askedOf(list, cursor);
  return resource(path, asked);
}

/** What is known of a page is changed by an act's answer: nothing is read anew, and nothing moves. */
export type ChangePosts = (how: (posts: ListedPost[]) => ListedPost[]) => void;

export function changerOf(list: ListOf, cursor = ""): ChangePosts {
  const { path, asked } = askedOf(list, cursor);
  return (how) => change(path, asked, (page) => ({ ...page, posts: how(page.posts) }));
}

/** As a list would show a post that an act answered with. */
export function listed(post: Post): ListedPost {
  return { mine: true, replies_count: 0, ...post };
}

export function without(posts: ListedPost[], id: string): ListedPost[] {
  return posts.filter((post) => post.id !== id);
}

/** With those that stay shown though the list has them no more, in their places by age. */
export function withStaying(posts: ListedPost[], staying: ListedPost[]): ListedPost[] {
  const others = staying.filter((one) => !posts.some(({ id }) => id === one.id));
  if (others.length === 0) return posts;
  return [...posts, ...others].sort((one, other) => Date.parse(other.created_at) - Date.parse(one.created_at));
}

/** The count beside "Drafts". */
function countDrafts(by: number): void {
  change("/me", {}, (me) => ({ ...me, drafts_count: Math.max(0, me.drafts_count + by) }));
}

function countToday(persona: string): void {
  change("/personas", {}, (list) => ({
    ...list,
    personas: list.personas.map((one) =>
      one.id === persona ? { ...one, today: { ...one.today, drafts: one.today.drafts + 1 } } : one),
  }));
}

export interface Writer extends Omit<Streamed<Post>, "run" | "texts"> {
  /** What there is of the text. */
  text: string;
  /** Undefined where it failed or was given up. */
  write: (room: string, persona: string, about?: string) => Promise<Post | undefined>;
}

/** A draft that the model writes in front of the person. */
export function useWriter(): Writer {
  const { run, texts, ...model } = useStreamed("/rooms/{id}/posts/draft");
  return {
    ...model,
    text: texts.value[""] ?? "",
    async write(room, persona, about = "") {
      const post = await run({ at: { id: room }, body: { persona_id: persona, ...(about === "" ? {} : { about }) } });
      if (post !== undefined) {
        countDrafts(1);
        countToday(persona);
      } else if (model.failure.peek()?.status === 429) void resource("/personas").load();
      return post;
    },
  };
}

/** Publishes a draft; with its text where that isn't what is stored. */
export function usePublishing(onDone: (post: Post) => void): Act<[id: string, content?: string]> {
  return useAct(async (id: string, content?: string) => {
    const post = await act("post", "/posts/{id}/approve", { at: { id }, body: content === undefined ? {} : { content } });
    countDrafts(-1);
    onDone(post);
  });
}

/** Deletes a post, draft or published, for good. */
export function useDeletion(onDone: () => void): Act<[post: Post]> {
  return useAct(async ({ id, status }: Post) => {
    await remove("/posts/{id}", { at: { id } });
    if (status === "DRAFT") countDrafts(-1);
    onDone();
  });
}
