// The start for who isn't logged in: what this is, the way in, and battles that can be read at once.
// The same tree as the server's: api/pages/landing.c.
import type { ComponentChildren } from "preact";
import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import type { components } from "../contract";
import { postOf } from "../next";
import { EntryForm } from "../parts/entry";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { Time } from "../parts/time";
import { resource } from "../store";
import { preview } from "../excerpt";
import { t } from "../text";

type Battle = components["schemas"]["FeedBattle"];
type Template = components["schemas"]["FeedTemplate"];
type Persona = components["schemas"]["DiscoveredPersona"];

/** What somebody wrote, of a language that isn't known. */
function Said({ text, kind }: { text: string; kind?: string }) {
  return <span {...(kind === undefined ? {} : { class: kind })} dir="auto" lang="">{text}</span>;
}

interface FoundProps {
  kind: string;
  href: string;
  title: string;
  meta: ComponentChildren;
  /** Undefined: none is shown. */
  text: string | undefined;
  textClass?: string;
  children?: ComponentChildren;
}

function Found({ kind, href, title, meta, text, textClass = "text", children }: FoundProps) {
  return (
    <article class={kind}>
      <h3><a href={href}><Said text={title} /></a></h3>
      <p class="meta">{meta}</p>
      {text !== undefined && <p class={textClass} dir="auto" lang="">{text}</p>}
      {children}
    </article>
  );
}

function FoundBattle({ battle }: { battle: Battle }) {
  const { battle_id: id, topic, room_name: room, persona_name: name, created_at: at, replies_count: replies } = battle;
  // Of a battle that was made of a form the heading says all that is to be read.
  const isShown = battle.excerpt !== "" && !battle.excerpt.startsWith("Topic: ");
  return (
    <Found kind="battle" href={`/b/${id}`} title={topic} text={isShown ? preview(battle.excerpt) : undefined} meta={<>
      <Said text={room} kind="room" />
      {name !== undefined && <Said text={name} kind="name" />}
      <Time at={at} />
      {replies > 0 && <span>{t("replies", { n: replies })}</span>}
    </>}>
      {battle.sides.length > 1 && (
        <p class="versus">{battle.sides.map((side) => <Said key={side} text={side} kind="name" />)}</p>
      )}
    </Found>
  );
}

function FoundPersona({ persona: { slug, name, bio, followers } }: { persona: Persona }) {
  return (
    <Found kind="persona" href={`/p/${slug}`} title={name} text={bio} textClass="bio"
      meta={followers > 0 && <span>{t("followers", { n: followers })}</span>} />
  );
}

function FoundTemplate({ template }: { template: Template }) {
  const { template_id: id, name, prompt_rules: rules, usage_count: uses } = template;
  return (
    <Found kind="template" href={`/templates?template=${id}`} title={name} text={preview(rules)}
      meta={uses > 0 && <span>{t("uses", { n: uses })}</span>} />
  );
}

function Section<T>({ kind, title, list, children }: {
  kind: string; title: string; list: T[]; children: (item: T) => ComponentChildren;
}) {
  if (list.length === 0) return null;
  return <section class={kind}><h2>{title}</h2>{list.map(children)}</section>;
}

/** A link of before to a post: one that is published is read at once, another one may be the draft of
 * who logs in here. */
function useOldLink(): void {
  const { route } = useLocation();
  useEffect(() => {
    const id = postOf(location.hash);
    if (id === undefined) return undefined;
    const { state, load } = resource("/b/{id}", { at: { id } });
    let isHere = true;
    void load().then(() => isHere && state.peek().data !== undefined && route(`/b/${id}`, true));
    return () => void (isHere = false);
  }, []);
}

export default function Landing() {
  useOldLink();
  return (
    <div class="landing">
      <div class="pitch">
        <PageHead>{t("landingTitle")}</PageHead>
        <p class="lead">{t("landing")}</p>
      </div>
      <div class="entry">
        <h2>{t("signUp")}</h2>
        <EntryForm isNew />
      </div>
      <div class="found">
        <Loaded from={resource("/discover")}>{({ battles, personas, templates }) => (
          <>
            {battles.length === 0 && <p class="note">{t("noBattles")}</p>}
            <Section kind="battles" title={t("battles")} list={battles}>
              {(battle) => <FoundBattle key={battle.battle_id} battle={battle} />}
            </Section>
            <Section kind="personas" title={t("personas")} list={personas}>
              {(persona) => <FoundPersona key={persona.slug} persona={persona} />}
            </Section>
            <Section kind="templates" title={t("templates")} list={templates}>
              {(template) => <FoundTemplate key={template.template_id} template={template} />}
            </Section>
          </>
        )}</Loaded>
      </div>
    </div>
  );
}
