import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { resource } from "../../store";
import { cutAtWord } from "../../excerpt";
import { t } from "../../text";
import { Loaded } from "../loaded";

const WIDE = "(min-width: 1200px)";

/** Whether there is room beside the feed; what would stand there isn't asked for elsewhere. */
function useIsWide(): boolean {
  const query = matchMedia(WIDE);
  const isWide = useSignal(query.matches);
  useEffect(() => {
    const note = () => (isWide.value = query.matches);
    query.addEventListener("change", note);
    return () => query.removeEventListener("change", note);
  }, []);
  return isWide.value;
}

function Weekly() {
  return (
    <section class="card">
      <h2>{t("thisWeek")}</h2>
      <Loaded from={resource("/digest/weekly")}>
        {({ digest }) => digest.items.length === 0
          ? <p class="empty">{t("emptyWeek")}</p>
          : <ol class="ranked">{digest.items.map(({ battle_id, topic }) => (
            <li key={battle_id}><a href={`/b/${battle_id}`} dir="auto">{topic}</a></li>
          ))}</ol>}
      </Loaded>
    </section>
  );
}

function TrendingTemplate() {
  const template = resource("/feed").state.value.data?.highlight_template;
  if (template === undefined) return null;
  const { template_id: id, name, prompt_rules, usage_count } = template;
  return (
    <section class="card">
      <h2>{t("trendingTemplate")}</h2>
      <p><a href={`/templates?template=${id}`} dir="auto">{name}</a></p>
      <p class="rules" dir="auto" lang="">{cutAtWord(prompt_rules)}</p>
      <p class="fine">{t("uses", { n: usage_count })}</p>
    </section>
  );
}

export function Aside() {
  return useIsWide() ? <><Weekly /><TrendingTemplate /></> : null;
}
