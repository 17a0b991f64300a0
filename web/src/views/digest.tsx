// The week's three, and each persona's day.
import { useEffect } from "preact/hooks";
import type { components } from "../contract";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { Mark } from "../parts/mark";
import type { Persona } from "../persona";
import { resource } from "../store";
import { day, t } from "../text";

type Digest = components["schemas"]["Digest"];

function Week() {
  return (
    <section>
      <h2>{t("weekly")}</h2>
      <Loaded from={resource("/digest/weekly")}>{({ digest }) => digest.items.length === 0
        ? <p class="empty">{t("emptyWeek")}</p>
        : <>
          <p class="fine">{t("weekOf", { day: day(Date.parse(digest.week_start)) })}</p>
          <ol class="list">
            {digest.items.map((item) => (
              <li key={item.battle_id}>
                <article class="card">
                  <h3><a href={`/b/${item.battle_id}`} dir="auto">{item.topic}</a></h3>
                  <p dir="auto">{item.summary}</p>
                  <p class="meta"><a href={`/rooms/${item.room_id}`} dir="auto">{item.room_name}</a></p>
                </article>
              </li>
            ))}
          </ol>
        </>}
      </Loaded>
    </section>
  );
}

function Threads({ digest }: { digest: Digest }) {
  const threads = digest.stats.top_threads;
  if (threads.length === 0) return null;
  return (
    <ul class="top">
      {threads.map(({ post_id, post_preview }, place) => (
        <li key={post_id ?? place}>
          {post_id === undefined ? <span dir="auto">{post_preview}</span> : <a href={`/b/${post_id}`} dir="auto">{post_preview}</a>}
        </li>
      ))}
    </ul>
  );
}

/** Today's, else the last one there was. */
function Day({ persona: { id, name, preferred_language: lang } }: { persona: Persona }) {
  return (
    <article id={id} tabIndex={-1}>
      <p class="by"><Mark id={id} name={name} /><a href={`/personas/${id}`}><bdi lang={lang}>{name}</bdi></a></p>
      <Loaded from={resource("/personas/{id}/digest/latest", { at: { id } })}>{({ digest, exists }) => !exists
        ? <p class="empty">{t("emptyDay")}</p>
        : <>
          <p dir="auto" lang={lang}>{digest.summary}</p>
          <p class="meta">
            <span>{t("digestOf", { day: day(Date.parse(digest.date)) })}</span>
            <span>{t("postsCount", { n: digest.stats.posts })}</span><span>{t("replies", { n: digest.stats.replies })}</span>
          </p>
          <Threads digest={digest} />
        </>}
      </Loaded>
    </article>
  );
}

function Days({ personas }: { personas: Persona[] }) {
  useEffect(() => document.getElementById(location.hash.slice(1))?.focus(), []);
  if (personas.length === 0) return <p class="empty">{t("noPersonas")}</p>;
  return <>{personas.map((persona) => <Day key={persona.id} persona={persona} />)}</>;
}

export default function DigestPage() {
  return (
    <>
      <PageHead>{t("digest")}</PageHead>
      <Week />
      <section>
        <h2>{t("daily")}</h2>
        <Loaded from={resource("/personas")}>{({ personas }) => <Days personas={personas} />}</Loaded>
      </section>
    </>
  );
}
