import type { components } from "../contract";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { resource } from "../store";
import { t } from "../text";

function Daily({ id, name, preferred_language: lang }: components["schemas"]["Persona"]) {
  return (
    <article class="card">
      <h3><a href={`/personas/${id}`} class="name" dir="auto">{name}</a></h3>
      <Loaded from={resource("/personas/{id}/digest/latest", { at: { id } })}>
        {({ digest, exists }) => !exists ? <p class="empty">{t("noDaily")}</p> : <>
          <p dir="auto" lang={lang}>{digest.summary}</p>
          <p class="fine">{t("posts", { n: digest.stats.posts })} · {t("replies", { n: digest.stats.replies })}</p>
        </>}
      </Loaded>
    </article>
  );
}

export default function Digest() {
  return (
    <>
      <PageHead>{t("digest")}</PageHead>
      <section>
        <h2>{t("thisWeek")}</h2>
        <Loaded from={resource("/digest/weekly")}>
          {({ digest }) => digest.items.length === 0 ? <p class="empty">{t("emptyWeek")}</p> : digest.items.map((item) => (
            <article class="card" key={item.battle_id}>
              <h3><a href={`/b/${item.battle_id}`} dir="auto">{item.topic}</a></h3>
              <p dir="auto" lang="">{item.summary}</p>
              <p class="fine"><bdi>{item.room_name}</bdi></p>
            </article>
          ))}
        </Loaded>
      </section>
      <section>
        <h2>{t("yourPersonas")}</h2>
        <Loaded from={resource("/personas")}>{({ personas }) => personas.map((persona) => <Daily key={persona.id} {...persona} />)}</Loaded>
      </section>
    </>
  );
}
