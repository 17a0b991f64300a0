// The start of who is logged in: what to say, what happened meanwhile, and what others argue about.
import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import type { components } from "../contract";
import { noteVisit } from "../daily-return";
import { isHere } from "../routes";
import { placeOf } from "../old-links";
import { Aside } from "../parts/home/aside";
import { Away } from "../parts/home/away";
import { ToFollow } from "../parts/home/to-follow";
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

/** An old link goes on to its place; one to a section gets its heading's focus. */
function useOldLinks(): void {
  const { route } = useLocation();
  useEffect(() => {
    void placeOf(location.search, location.hash).catch(() => undefined).then((place) => {
      if (place === undefined) document.querySelector<HTMLElement>(`${location.hash || "#none"}[tabindex]`)?.focus();
      else if (isHere(place)) route(place, true);
      else location.replace(place);
    });
  }, []);
}

function Filters({ chosen, onChoose }: { chosen: number; onChoose: (place: number) => void }) {
  return (
    <div class="filters">
      {FILTERS.map(({ word }, place) => (
        <button key={word} type="button" class="chip" aria-pressed={chosen === place} onClick={() => onChoose(place)}>{t(word)}</button>
      ))}
    </div>
  );
}

function Feed() {
  const chosen = useSignal(0);
  const takes = FILTERS[chosen.value]?.takes ?? (() => true);
  return (
    <>
      <Filters chosen={chosen.value} onChoose={(place) => (chosen.value = place)} />
      <Loaded from={resource("/feed")}>
        {({ items }) => items.some(takes)
          ? <ul class="list">{items.filter(takes).map((item) => <FeedItem key={item.id} item={item} />)}</ul>
          : chosen.value <= 1 ? <ToFollow /> : <p class="empty">{t("emptyFilter")}</p>}
      </Loaded>
    </>
  );
}

export default function Home() {
  const personas = resource("/personas");
  useOldLinks();
  useEffect(() => {
    noteVisit();
    void personas.load();
  }, []);
  const first = personas.state.value.data?.personas[0];
  return (
    <div class="wide dash">
      <div>
        <PageHead>{t("feed")}</PageHead>
        <a class="teaser" href="/battles/new"><span>{t("askTheRoom")}</span><span class="act main">{t("startRemix")}</span></a>
        {first && <Away key={first.id} persona={first.id} />}
        <section id="feed" tabIndex={-1} aria-label={t("feed")}><Feed /></section>
      </div>
      <Aside />
    </div>
  );
}
