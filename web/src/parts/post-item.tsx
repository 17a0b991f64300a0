import type { ComponentChildren } from "preact";
import type { ListedPost } from "../posts";
import { t } from "../text";
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
      {template && <span>{t("templates")}: <bdi>{template.name}</bdi></span>}
    </p>
  );
}

/** The heading says all that there is to read; of a battle that was made of a form, too. */
function isSaidBy(topic: string, content: string): boolean {
  return content.startsWith("Topic: ") || content.trim().replace(/\.$/, "") === topic;
}

/** A post in a list; its topic leads to its page, one's own draft's to where drafts are. */
export function PostItem({ post, withRoom, children }: PostItemProps) {
  const { id, status, topic, content, persona_id, persona_name, authored_by, created_at } = post;
  const isDraft = status === "DRAFT", isShown = !isSaidBy(topic, content);
  return (
    <article class={isDraft ? "post-item draft" : "post-item"}>
      {isDraft && <p class="reasons"><span class="chip">{t("yourDraft")}</span></p>}
      <h2><a href={isDraft ? `/drafts#post-${id}` : `/b/${id}`} dir="auto" lang="">{topic}</a></h2>
      {isShown && <p class="text excerpt" dir="auto" lang="">{content}</p>}
      <Author id={persona_id} name={persona_name} by={authored_by} at={created_at} />
      {!isDraft && <Meta post={post} withRoom={withRoom ?? false} />}
      {children}
    </article>
  );
}
