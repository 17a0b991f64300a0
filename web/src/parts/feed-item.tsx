// A battle or a template as the feed has it, with all the reasons why it is there.
import { act } from "../api";
import type { components } from "../contract";
import { t } from "../text";
import type { Word } from "../words/en";
import { Mark } from "./mark";
import { Time } from "./time";

type Item = components["schemas"]["FeedItem"];
type Battle = components["schemas"]["FeedBattle"];
type Template = components["schemas"]["FeedTemplate"];

function Reasons({ item }: { item: Item }) {
  const name = item.battle?.persona_name ?? "";
  return (
    <p class="reasons">
      {item.reasons.map((reason) => (
        <span class="chip" key={reason}>{t(reason === "followed_persona" && name === "" ? "following" : `why_${reason}` as Word, { name })}</span>
      ))}
    </p>
  );
}

/** Who argues: two names at most, the same shapes as on the battle's page. */
function Sides({ names }: { names: string[] }) {
  if (names.length === 0) return null;
  return <p class="versus">{names.map((name) => <span key={name} class="name" dir="auto">{name}</span>)}</p>;
}

/** Zeros say nothing. */
function Counts({ battle: { replies_count: replies, shares, remixes } }: { battle: Battle }) {
  const counts = [["replies", replies], ["shares", shares], ["remixes", remixes]] as const;
  return <>{counts.map(([word, n]) => n > 0 && <span key={word}>{t(word, { n })}</span>)}</>;
}

function BattleText({ battle }: { battle: Battle }) {
  const { battle_id: id, topic, room_id, room_name, persona_id, persona_name, persona_slug, excerpt, template } = battle;
  // Of a battle that was made of a form the heading says all that is to be read.
  const isShown = excerpt !== "" && excerpt !== topic && !excerpt.startsWith("Topic: ");
  const name = <span class="name" dir="auto">{persona_name}</span>;
  return (
    <>
      <h2><a href={`/b/${id}`} dir="auto">{topic}</a></h2>
      {persona_id !== undefined && persona_name !== undefined && (
        <p class="by"><Mark id={persona_id} name={persona_name} />{persona_slug === undefined ? name : <a href={`/p/${persona_slug}`}>{name}</a>}</p>
      )}
      {isShown && <p class="rules" dir="auto">{excerpt}</p>}
      <Sides names={battle.sides} />
      <p class="meta">
        <a href={`/rooms/${room_id}`} dir="auto">{room_name}</a>
        <Time at={battle.created_at} />
        {template && <span>{t("templateIs", { name: template.name })}</span>}
        <Counts battle={battle} />
      </p>
    </>
  );
}

/** Counted for the template's owner; that it fails is nobody's trouble. */
function noteUse(id: string): void {
  const body = { event_name: "template_used_from_feed", metadata: { template_id: id } };
  void act("post", "/events", { body }).catch(() => undefined);
}

function TemplateText({ template }: { template: Template }) {
  const { template_id: id, name, prompt_rules, turn_count, word_limit, usage_count } = template;
  return (
    <>
      <h2><a href={`/templates?template=${id}`} dir="auto">{name}</a></h2>
      <p class="rules" dir="auto">{prompt_rules}</p>
      <p class="meta">
        <span>{t("turns", { n: turn_count })}</span><span>{t("wordLimit", { n: word_limit })}</span>
        {usage_count > 0 && <span>{t("uses", { n: usage_count })}</span>}
      </p>
      <p class="acts"><a class="act" href={`/battles/new?template=${id}`} onClick={() => noteUse(id)}>{t("useTemplate")}</a></p>
    </>
  );
}

export function FeedItem({ item }: { item: Item }) {
  return (
    <li>
      <article class="card">
        <Reasons item={item} />
        {item.battle && <BattleText battle={item.battle} />}
        {item.template && <TemplateText template={item.template} />}
      </article>
    </li>
  );
}
