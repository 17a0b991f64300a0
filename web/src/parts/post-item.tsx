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

/** The topic may be how the text begins, cut where the API cuts it: then the text goes on below it. Of
 * a battle that was made of a form the topic says all that is to be read. */
function readingOf({ topic, content }: ListedPost): { heading: string; rest: string } {
  if (content.startsWith("Topic: ")) return { heading: topic, rest: "" };
  if (!content.startsWith(topic)) return { heading: topic, rest: content };
  const [, mark = "", rest = ""] = /^([.?!…]*)\s*(.*)$/s.exec(content.slice(topic.length)) ?? [];
  if (mark === "" && rest !== "") return { heading: `${topic}…`, rest: `… ${rest}` };
  return { heading: topic + (mark === "." ? "" : mark), rest };
}

/** A post in a list; its topic leads to its page, one's own draft's to where drafts are. */
export function PostItem({ post, withRoom, children }: PostItemProps) {
  const { id, status, persona_id, persona_name, authored_by, created_at } = post;
  const isDraft = status === "DRAFT", { heading, rest } = readingOf(post);
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
