import type { ComponentChildren } from "preact";
import { changerOf, pageOf, withStaying, type ChangePosts, type ListedPost, type ListOf } from "../posts";
import { Loaded } from "./loaded";
import { MorePages } from "./pages";

interface PostPagesProps {
  list: ListOf;
  /** Said where there is nothing at all. */
  empty: ComponentChildren;
  children: (post: ListedPost, change: ChangePosts, cursor: string) => ComponentChildren;
  /** By a page's cursor, "" for the first: what stays shown there though it is read anew without it. */
  staying?: (cursor: string) => ListedPost[];
}

function none(): ListedPost[] {
  return [];
}

/** A list of posts, newest first. */
export function PostPages({ list, empty, children, staying = none }: PostPagesProps) {
  const items = (read: ListedPost[], cursor = "") => {
    const posts = withStaying(read, staying(cursor)), change = changerOf(list, cursor);
    if (posts.length === 0) return null;
    return <ul class="list posts">{posts.map((post) => <li key={post.id}>{children(post, change, cursor)}</li>)}</ul>;
  };
  return (
    <Loaded from={pageOf(list)}>{({ posts, next_cursor: next }) => (
      <>
        {items(posts) ?? (next === "" && <div class="empty">{empty}</div>)}
        <MorePages after={next} from={(cursor) => pageOf(list, cursor)}>{(page, cursor) => items(page.posts, cursor)}</MorePages>
      </>
    )}</Loaded>
  );
}
