import type { ComponentChildren } from "preact";
import { changerOf, pageOf, type ChangePosts, type ListedPost, type ListOf } from "../posts";
import { Loaded } from "./loaded";
import { MorePages } from "./pages";

interface PostPagesProps {
  list: ListOf;
  /** Said where there is nothing at all. */
  empty: ComponentChildren;
  children: (post: ListedPost, change: ChangePosts) => ComponentChildren;
}

/** A list of posts, newest first. */
export function PostPages({ list, empty, children }: PostPagesProps) {
  const items = (posts: ListedPost[], cursor?: string) => posts.length > 0 && (
    <ul class="list posts">{posts.map((post) => <li key={post.id}>{children(post, changerOf(list, cursor))}</li>)}</ul>
  );
  return (
    <Loaded from={pageOf(list)}>{({ posts, next_cursor: next }) => (
      <>
        {posts.length === 0 && next === "" ? <div class="empty">{empty}</div> : items(posts)}
        <MorePages after={next} from={(cursor) => pageOf(list, cursor)}>{(page, cursor) => items(page.posts, cursor)}</MorePages>
      </>
    )}</Loaded>
  );
}
