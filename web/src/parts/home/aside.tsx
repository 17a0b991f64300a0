import { useEffect } from "preact/hooks";
import type { components } from "../../contract";
import { resource } from "../../store";
import { t } from "../../text";
import { Mark } from "../mark";

type Feed = components["schemas"]["Feed"];

/** This week's three, where there are any. */
function Week() {
  const weekly = resource("/digest/weekly");
  useEffect(() => void weekly.load(), []);
  const items = weekly.state.value.data?.digest.items ?? [];
  if (items.length === 0) return null;
  return (
    <section aria-labelledby="week">
      <h2 id="week">{t("thisWeek")}</h2>
      <ol class="top">
        {items.map((item) => <li key={item.battle_id}><a href={`/b/${item.battle_id}`} dir="auto">{item.topic}</a></li>)}
      </ol>
    </section>
  );
}

function Highlight({ template }: { template: NonNullable<Feed["highlight_template"]> }) {
  return (
    <section aria-labelledby="highlight">
      <h2 id="highlight">{t("trendingTemplate")}</h2>
      <p><a href={`/templates?template=${template.template_id}`} dir="auto">{template.name}</a></p>
    </section>
  );
}

/** The rooms that the feed comes from. */
function Rooms({ feed }: { feed: Feed }) {
  const rooms = new Map(feed.items.flatMap(({ battle }) => battle ? [[battle.room_id, battle.room_name] as const] : []));
  return (
    <section aria-labelledby="rooms">
      <h2 id="rooms" tabIndex={-1}>{t("rooms")}</h2>
      <p class="strip">
        {[...rooms].slice(0, 6).map(([id, name]) => <a key={id} class="chip" href={`/rooms/${id}`} dir="auto">{name}</a>)}
        <a class="chip" href="/rooms">{t("allRooms")}</a>
      </p>
    </section>
  );
}

function Own() {
  const personas = resource("/personas").state.value.data?.personas ?? [];
  return (
    <section aria-labelledby="profile">
      <h2 id="profile" tabIndex={-1}>{t("yourPersonas")}</h2>
      <p class="strip">
        {personas.slice(0, 6).map(({ id, name, preferred_language: lang }) => (
          <a key={id} class="chip with-mark" href={`/personas/${id}`}><Mark id={id} name={name} /><bdi lang={lang}>{name}</bdi></a>
        ))}
        <a class="chip" href="/personas/new">{t("newPersona")}</a>
      </p>
    </section>
  );
}

/** Beside the feed where there is room, below it on a phone. */
export function Aside() {
  const feed = resource("/feed").state.value.data;
  return (
    <aside>
      <Own />
      <Week />
      {feed && <Rooms feed={feed} />}
      {feed?.highlight_template && <Highlight template={feed.highlight_template} />}
    </aside>
  );
}
