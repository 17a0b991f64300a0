import type { components } from "../contract";
import { t } from "../text";
import type { Word } from "../words/en";
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
  return (
    <>
      <h2><a href={`/b/${battle.battle_id}`} dir="auto">{battle.topic}</a></h2>
      <p class="fine">
        <bdi>{battle.room_name}</bdi> · <Time at={battle.created_at} /> · {t("shares", { n: battle.shares })} · {t("remixes", { n: battle.remixes })}
      </p>
    </>
  );
}

function TemplateText({ template }: { template: Template }) {
  return (
    <>
      <h2><a href={`/templates?template=${template.template_id}`} dir="auto">{template.name}</a></h2>
      <p class="rules" dir="auto">{template.prompt_rules}</p>
      <p class="fine">
        {t("turns", { n: template.turn_count })} · {t("wordLimit", { n: template.word_limit })} · {t("uses", { n: template.usage_count })}
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
