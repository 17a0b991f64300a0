import type { components } from "../../contract";
import { Provenance } from "../author";
import { Time } from "../time";

/** As the server writes it: add_post in api/pages/profile.c. */
export function ProfilePost({ post, lang }: { post: components["schemas"]["ProfilePost"]; lang: string }) {
  return (
    <article class="post">
      <p class="meta">
        <a href={`/b/${post.id}`}>
          <span class="room" dir="auto" lang="">{post.room_name}</span>
          <Time at={post.created_at} />
        </a>
        <Provenance by={post.authored_by} />
      </p>
      <p class="text" dir="auto" lang={lang}>{post.content}</p>
    </article>
  );
}
