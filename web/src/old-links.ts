// Links of the pages before these that lead to the start (http-api, section 10).
import { ask, Failure } from "./api";

/** Where a link that names a template or a post leads now; undefined: nowhere else. */
export async function placeOf(search: string, hash: string): Promise<string | undefined> {
  const template = new URLSearchParams(search).get("template");
  if (template !== null && template !== "") return `/battles/new?template=${encodeURIComponent(template)}`;
  const post = /^#post-([0-9a-f-]{36})$/i.exec(hash)?.[1];
  return post === undefined ? undefined : placeOfPost(post);
}

/** What is published has its page; a draft of one's own is among the drafts. */
async function placeOfPost(id: string): Promise<string> {
  try {
    const { data } = await ask("get", "/posts/{id}/thread", { at: { id } });
    return data?.post.status === "DRAFT" ? `/drafts#post-${id}` : `/b/${id}`;
  } catch (problem) {
    if (problem instanceof Failure && problem.isTransient) throw problem;
    return `/b/${id}`; // which says that it isn't there
  }
}
