import type { ComponentChildren } from "preact";
import { readingOf } from "../excerpt";
import type { ListedPost } from "../posts";
import { apart, t } from "../text";
import { Author } from "./author";

const COUNTED_MAX = 100; // the API counts no further

interface PostItemProps {
  post: ListedPost;
  /** Where the room isn't said by the page. */
  withRoom?: boolean;
  children?: ComponentChildren;
}

function Meta({ post: { room_name, template, replies_count }, withRoom }: PostItemProps) {
  return (
    <p class="meta">
      {withRoom && <bdi>{room_name}</bdi>}
      <span>{replies_count >= COUNTED_MAX ? t("repliesOrMore", { n: replies_count }) : t("replies", { n: replies_count })}</span>
      {template && <span>{t("templateIs", { name: apart(template.name) })}</span>}
    </p>
  );
}

/** A post in a list; its topic leads to its page, one's own draft's to where drafts are. */
export function PostItem({ post, withRoom, children }: PostItemProps) {
  const { id, status, persona_id, persona_name, authored_by, created_at } = post;
  const isDraft = status === "DRAFT", { heading, rest } = readingOf(post.topic, post.content);
  return (
    <article class={isDraft ? "post-item draft" : "post-item"}>
      {isDraft && <p class="reasons"><span class="chip">{t("yourDraft")}</span></p>}
      <h2><a href={isDraft ? `/drafts#post-${id}` : `/b/${id}`} dir="auto" lang="" {...(isDraft && { "aria-keyshortcuts": "e" })}>
        {heading}
      </a></h2>
      {rest !== "" && <p class="text excerpt" dir="auto" lang="">{rest}</p>}
      <Author id={persona_id} name={persona_name} by={authored_by} at={created_at} />
      {!isDraft && <Meta post={post} withRoom={withRoom ?? false} />}
      {children}
    </article>
  );
}
