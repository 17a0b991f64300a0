import { languages } from "../parts/persona/languages";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { Mark } from "../parts/mark";
import type { Persona } from "../persona";
import { resource } from "../store";
import { t } from "../text";

function Item({ persona }: { persona: Persona }) {
  const { id, name, preferred_language: lang, profile, today } = persona;
  return (
    <li>
      <article class="card persona-card">
        <Mark id={id} name={name} />
        <div>
          <h2><a href={`/personas/${id}`}><bdi lang={lang}>{name}</bdi></a></h2>
          <p class="fine">
            {languages().find(([key]) => key === lang)?.[1]} · {profile.is_public
              ? <a href={`/p/${profile.slug}`}>{t("publicWith", { n: profile.followers })}</a>
              : t("private")}
          </p>
          <p class="fine">
            {t("draftsToday", { used: today.drafts, limit: persona.daily_draft_quota })} · {t("repliesToday", {
              used: today.replies, limit: persona.daily_reply_quota })}
          </p>
        </div>
      </article>
    </li>
  );
}

/** What leads to a new one: a voice that is ready, or one's own. */
function NewOnes() {
  return (
    <div class="acts">
      <a class="act" href="/personas/new">{t("newPersona")}</a>
      <a class="act" href="/welcome">{t("readyVoices")}</a>
    </div>
  );
}

export default function Personas() {
  return (
    <>
      <PageHead>{t("personas")}</PageHead>
      <Loaded from={resource("/personas")}>{({ personas }) => (
        <>
          {personas.length === 0
            ? <p class="empty">{t("noPersonas")}</p>
            : <ul class="list personas">{personas.map((persona) => <Item key={persona.id} persona={persona} />)}</ul>}
          <NewOnes />
        </>
      )}</Loaded>
    </>
  );
}
