import type { components } from "../contract";
import { cutAtWord, readingOf } from "../excerpt";
import { t } from "../text";
import type { Word } from "../words/en";
import { Counted } from "./counted";
import { Time } from "./time";

type Item = components["schemas"]["FeedItem"];
type Battle = components["schemas"]["FeedBattle"];
type Template = components["schemas"]["FeedTemplate"];

/** Why an item is here, in all of its reasons. */
function Reasons({ item }: { item: Item }) {
  const name = item.battle?.persona_name ?? "";
  return (
    <p class="reasons">
      {item.reasons.map((reason) => <span class="chip" key={reason}>{t(`why_${reason}` as Word, { name })}</span>)}
    </p>
  );
}

function BattleText({ battle }: { battle: Battle }) {
  const { heading, rest } = readingOf(battle.topic, cutAtWord(battle.excerpt));
  return (
    <>
      <h2><a href={`/b/${battle.battle_id}`} dir="auto" lang="">{heading}</a></h2>
      {battle.sides.length > 0 && <p class="versus">{battle.sides.map((side) => <bdi class="name" key={side}>{side}</bdi>)}</p>}
      {rest !== "" && <p class="text excerpt" dir="auto" lang="">{rest}</p>}
      <p class="meta">
        <bdi>{battle.room_name}</bdi>
        <Time at={battle.created_at} />
        <Counted word="replies" n={battle.replies_count} />
        <Counted word="shares" n={battle.shares} />
        <Counted word="remixes" n={battle.remixes} />
      </p>
    </>
  );
}

function TemplateText({ template }: { template: Template }) {
  return (
    <>
      <h2><a href={`/templates?template=${template.template_id}`} dir="auto">{template.name}</a></h2>
      <p class="rules" dir="auto" lang="">{cutAtWord(template.prompt_rules)}</p>
      <p class="fine">
        {t("turns", { n: template.turn_count })} · {t("wordLimit", { n: template.word_limit })}
        {template.usage_count > 0 && <> · {t("uses", { n: template.usage_count })}</>}
      </p>
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
