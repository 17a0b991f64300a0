import type { ComponentChildren } from "preact";
import { useListPlace } from "../place";
import { changerOf, pageOf, type ChangePosts, type ListedPost, type ListOf } from "../posts";
import { t } from "../text";
import { Loaded } from "./loaded";

interface PagesProps {
  list: ListOf;
  /** Said where there is nothing at all. */
  empty: ComponentChildren;
  children: (post: ListedPost, change: ChangePosts) => ComponentChildren;
}

interface PageProps extends PagesProps {
  cursor?: string;
  /** How many pages are open, this one among them. */
  open: number;
  onMore: () => void;
}

function Page({ cursor, open, ...props }: PageProps) {
  const { list, empty, onMore, children } = props;
  const change = changerOf(list, cursor);
  return (
    <Loaded from={pageOf(list, cursor)}>{({ posts, next_cursor: next }) => (
      <>
        {posts.length > 0 && <ul class="list posts">{posts.map((post) => <li key={post.id}>{children(post, change)}</li>)}</ul>}
        {posts.length === 0 && cursor === undefined && next === "" && <div class="empty">{empty}</div>}
        {next !== "" && (open > 1
          ? <Page key={next} {...props} cursor={next} open={open - 1} />
          : <p class="further"><button type="button" class="quiet" onClick={onMore}>{t("loadMore")}</button></p>)}
      </>
    )}</Loaded>
  );
}

/** Whether the first ones are known, or all where there are fewer. */
function areThere(list: ListOf, pages: number, cursor?: string): boolean {
  const { data } = pageOf(list, cursor).state.value;
  if (data === undefined || pages <= 1 || data.next_cursor === "") return data !== undefined;
  return areThere(list, pages - 1, data.next_cursor);
}

/** A list of posts, newest first; the button below opens its next page. Going back leads to the same
 * place in it. */
export function Pages(props: PagesProps) {
  const { pages, openPage } = useListPlace((wanted) => areThere(props.list, wanted));
  return <Page {...props} open={pages} onMore={openPage} />;
}
