import { useSignal } from "@preact/signals";
import type { components } from "../contract";
import { FeedItem } from "../parts/feed-item";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { resource } from "../store";
import { t } from "../text";
import type { Word } from "../words/en";

type Item = components["schemas"]["FeedItem"];

const FILTERS: { word: Word; takes: (item: Item) => boolean }[] = [
  { word: "all", takes: () => true },
  { word: "following", takes: (item) => item.reasons.includes("followed_persona") },
  { word: "trending", takes: (item) => item.reasons.includes("trending_battle") },
  { word: "templates", takes: (item) => item.kind === "template" },
];

export default function Home() {
  const chosen = useSignal(0);
  const takes = FILTERS[chosen.value]?.takes ?? (() => true);
  return (
    <>
      <PageHead>{t("feed")}</PageHead>
      <div class="filters">
        {FILTERS.map(({ word }, place) => (
          <button key={word} type="button" class="chip" aria-pressed={chosen.value === place} onClick={() => (chosen.value = place)}>
            {t(word)}
          </button>
        ))}
      </div>
      <Loaded from={resource("/feed")}>
        {({ items }) => items.some(takes)
          ? <ul class="list" id="feed">{items.filter(takes).map((item) => <FeedItem key={item.id} item={item} />)}</ul>
          : <p class="empty">{t("emptyFeed")}</p>}
      </Loaded>
    </>
  );
}

