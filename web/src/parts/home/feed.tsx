import { useSignal } from "@preact/signals";
import { Fragment } from "preact";
import type { components } from "../../contract";
import { useSteady } from "../../steady";
import { t } from "../../text";
import type { Word } from "../../words/en";
import { FeedItem } from "../feed-item";
import { Suggested } from "./suggested";

type Item = components["schemas"]["FeedItem"];

const FILTERS: { word: Word; takes: (item: Item) => boolean }[] = [
  { word: "all", takes: () => true },
  { word: "following", takes: (item) => item.reasons.includes("followed_persona") },
  { word: "trending", takes: (item) => item.reasons.includes("trending_battle") },
  { word: "templates", takes: (item) => item.kind === "template" },
];

/** The feed, which stays as it is until its reader asks for what is new. */
export function FeedList({ latest }: { latest: Item[] }) {
  const { items, fresh, press, list, wasFirst } = useSteady(latest);
  const chosen = useSignal(0);
  const shown = items.filter(FILTERS[chosen.value]?.takes ?? (() => true));
  const showNew = () => {
    chosen.value = 0;
    press();
  };
  return (
    <>
      <div class="filters" role="group" aria-label={t("filter")}>
        {FILTERS.map(({ word }, place) => (
          <button key={word} type="button" class="chip" aria-pressed={chosen.value === place} onClick={() => (chosen.value = place)}>
            {t(word)}
          </button>
        ))}
      </div>
      {fresh > 0 && <button type="button" class="new-pill" aria-keyshortcuts="." onClick={showNew}>{t("newItems", { n: fresh })}</button>}
      {shown.length > 0 && (
        <ul class="list" id="feed" ref={list}>
          {shown.map((item) => (
            <Fragment key={item.id}>
              {item.id === wasFirst && <li class="was-here"><span>{t("wasHere")}</span></li>}
              <FeedItem item={item} />
            </Fragment>
          ))}
        </ul>
      )}
      {shown.length === 0 && (chosen.value < 2 ? <Suggested /> : <p class="empty" id="feed">{t("nothingHere")}</p>)}
    </>
  );
}
