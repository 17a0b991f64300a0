import type { components } from "../contract";
import { t } from "../text";
import { Time } from "./time";

type Room = components["schemas"]["Room"];

const COUNTED_MAX = 1000; // the API counts no further

/** How much there is in a room, and since when. */
export function RoomMeta({ room: { posts_count: n, last_post_at: last } }: { room: Room }) {
  return (
    <p class="meta">
      <span>{n >= COUNTED_MAX ? t("postsOrMore", { n }) : t("posts", { n })}</span>
      {last !== undefined && <span>{t("lastPost")} <Time at={last} /></span>}
    </p>
  );
}
