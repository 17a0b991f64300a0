import type { components } from "../contract";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { RoomMeta } from "../parts/room-meta";
import { resource } from "../store";
import { t } from "../text";

type Room = components["schemas"]["Room"];

function Item({ room }: { room: Room }) {
  return (
    <li>
      <article class="room-card">
        <h2><a href={`/rooms/${room.id}`} dir="auto" lang="">{room.name}</a></h2>
        <p dir="auto" lang="">{room.description}</p>
        <RoomMeta room={room} />
      </article>
    </li>
  );
}

export default function Rooms() {
  return (
    <div class="wide">
      <PageHead>{t("rooms")}</PageHead>
      <Loaded from={resource("/rooms")}>{({ rooms }) => rooms.length === 0
        ? <p class="empty">{t("noRooms")}</p>
        : <ul class="room-list">{rooms.map((room) => <Item key={room.id} room={room} />)}</ul>}
      </Loaded>
    </div>
  );
}
