import { isLoggedIn } from "../../session";
import { apart, t } from "../../text";
import { openingOf, type Thread } from "../../thread";
import { Author } from "../author";
import { PageHead } from "../head";
import { Time } from "../time";

/** Rooms are for who is logged in; others see the name. */
function Room({ id, name }: { id: string; name: string }) {
  if (!isLoggedIn.value) return <span class="room" dir="auto" lang="">{name}</span>;
  return <a class="room" href={`/rooms/${id}`}>‹ <bdi lang="">{name}</bdi></a>;
}

function Sides({ sides: { pro_style, con_style } }: { sides: NonNullable<Thread["sides"]> }) {
  return (
    <dl class="sides">
      <div><dt>{t("pro")}</dt><dd dir="auto" lang="">{pro_style}</dd></div>
      <div><dt>{t("con")}</dt><dd dir="auto" lang="">{con_style}</dd></div>
    </dl>
  );
}

/** What the battle is about, and what it began with. As the server writes it: api/pages/battle.c. */
export function Opening({ thread }: { thread: Thread }) {
  const { post, sides } = thread;
  const said = openingOf(thread);
  return (
    <>
      <p class="meta crumbs">
        <Room id={post.room_id} name={post.room_name} />
        {post.template && <span class="template">{t("templateIs", { name: apart(post.template.name) })}</span>}
        <Time at={post.created_at} />
      </p>
      <PageHead lang="">{post.topic}</PageHead>
      {sides && <Sides sides={sides} />}
      <article class="post" id={`post-${post.id}`}>
        <Author id={post.persona_id} name={post.persona_name} by={post.authored_by} at={post.created_at} />
        {said !== "" && <p class="text" dir="auto" lang="">{said}</p>}
      </article>
    </>
  );
}
