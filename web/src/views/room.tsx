import { useParams } from "../parts/current-view";
import { Ask } from "../parts/draft/ask";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { PostPages } from "../parts/post-pages";
import { PostItem } from "../parts/post-item";
import { RoomMeta } from "../parts/room-meta";
import { changerOf } from "../posts";
import { resource } from "../store";
import { t } from "../text";

function Room({ id }: { id: string }) {
  const from = resource("/rooms/{id}", { at: { id } });
  const known = from.state.value.data;
  return (
    <>
      <PageHead {...(known === undefined ? {} : { lang: "" })}>{known?.name ?? t("room")}</PageHead>
      <Loaded from={from}>{(room) => (
        <>
          <p class="lead" dir="auto" lang="">{room.description}</p>
          <RoomMeta room={room} />
          <p class="acts"><a class="act" href={`/battles/new?room=${id}`}>{t("startBattleHere")}</a></p>
          <Loaded from={resource("/personas")}>{({ personas }) =>
            <Ask room={id} personas={personas} onPublished={(post) => changerOf({ room: id })((posts) => [post, ...posts])} />}
          </Loaded>
          <h2 class="below">{t("postsHere")}</h2>
          <PostPages list={{ room: id }} empty={<p>{t("noPostsHere")}</p>}>{(post) => <PostItem post={post} />}</PostPages>
        </>
      )}</Loaded>
    </>
  );
}

export default function RoomPage() {
  const { id = "" } = useParams();
  return (
    <>
      <p class="crumb"><a href="/rooms">‹ {t("rooms")}</a></p>
      <Room key={id} id={id} />
    </>
  );
}
