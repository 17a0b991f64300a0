// What waits for its owner, and what the owner has published.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { postOf } from "../next";
import { DraftCard } from "../parts/draft/card";
import { Deleting } from "../parts/draft/deleting";
import { PageHead } from "../parts/head";
import { PostPages } from "../parts/post-pages";
import { PostItem } from "../parts/post-item";
import { pageOf, without, type ListedPost } from "../posts";
import { resource } from "../store";
import { t } from "../text";

const DRAFTS = { status: "draft" } as const, PUBLISHED = { status: "published" } as const;

/** A link names one of them: it is shown, or said to be gone. */
function Named() {
  const { data, isLoading } = pageOf(DRAFTS).state.value;
  const id = postOf(location.hash);
  const isThere = data !== undefined && !isLoading;
  useEffect(() => {
    if (id !== undefined && isThere) document.querySelector<HTMLElement>(`#post-${id} textarea`)?.focus();
  }, [id, isThere]);
  const isGone = id !== undefined && isThere && data.next_cursor === "" && !data.posts.some((post) => post.id === id);
  return isGone ? <p class="note warned" role="status">{t("draftIsGone")}</p> : null;
}

/** Published here: the way on stays until one leaves, though a list that is read anew has it no more. */
interface PublishedHere {
  cursor: string;
  post: ListedPost;
}

function Drafts() {
  // A draft's own voice writes another one, as long as it may.
  useEffect(() => void resource("/personas").load(), []);
  const here = useSignal<PublishedHere[]>([]);
  const staying = (page: string) => here.value.filter(({ cursor }) => cursor === page).map(({ post }) => post);
  return (
    <>
      <Named />
      <PostPages list={DRAFTS} staying={staying} empty={<><p>{t("noDrafts")}</p><p><a class="act" href="/rooms">{t("toRooms")}</a></p></>}>
        {(post, change, cursor) => (
          <DraftCard post={post}
            onChanged={(changed) => {
              if (changed.status === "PUBLISHED") here.value = [...here.value, { cursor, post: changed }];
              change((posts) => posts.map((one) => (one.id === post.id ? changed : one)));
            }}
            onGone={() => change((posts) => without(posts, post.id))}
            onWritten={(another) => change((posts) => posts.flatMap((one) => (one.id === post.id ? [another, one] : [one])))} />
        )}
      </PostPages>
    </>
  );
}

function Published() {
  return (
    <PostPages list={PUBLISHED} empty={<p>{t("nothingPublished")}</p>}>
      {(post, change) => (
        <PostItem post={post} withRoom>
          <div class="acts"><Deleting post={post} onGone={() => change((posts) => without(posts, post.id))} /></div>
        </PostItem>
      )}
    </PostPages>
  );
}

export default function DraftsPage() {
  const isPublished = useSignal(false);
  const choice = (published: boolean) => (
    <button type="button" class="chip" aria-pressed={isPublished.value === published}
      onClick={() => (isPublished.value = published)}>{t(published ? "published" : "waiting")}</button>
  );
  return (
    <>
      <PageHead>{t("drafts")}</PageHead>
      <div class="filters">{choice(false)}{choice(true)}</div>
      {isPublished.value ? <Published /> : <Drafts />}
    </>
  );
}
