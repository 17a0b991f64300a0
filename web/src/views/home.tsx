import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import { tellReturn } from "../daily";
import { Aside } from "../parts/home/aside";
import { Away } from "../parts/home/away";
import { FeedList } from "../parts/home/feed";
import { OwnPersonas, RoomStrip } from "../parts/home/strips";
import { postOf } from "../next";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { usePlace } from "../place";
import { resource } from "../store";
import { onEvent } from "../stream";
import style from "../style/home.css?inline";
import { t } from "../text";
import { wear } from "../wear";

wear(style);

/** Links of before: to a template for a new battle, and to a post, which may still be a draft. */
function useOldLinks(): void {
  const { query, route } = useLocation();
  const { template } = query;
  useEffect(() => {
    const post = postOf(location.hash);
    let isHere = true;
    if (template !== undefined) route(`/battles/new?template=${encodeURIComponent(template)}`, true);
    else if (post !== undefined) void whereIs(post).then((path) => isHere && path !== undefined && route(path, true));
    return () => void (isHere = false);
  }, []);
}

/** Undefined where that can't be asked now. */
async function whereIs(post: string): Promise<string | undefined> {
  const drafts = resource("/me/posts", { query: { status: "draft" } });
  await drafts.load();
  const posts = drafts.state.peek().data?.posts;
  if (posts === undefined) return undefined;
  return posts.some(({ id }) => id === post) ? `/drafts#post-${post}` : `/b/${post}`;
}

/** The section that the link names, once it is there. */
function useSection(): void {
  useEffect(() => {
    const section = ["#rooms", "#profile", "#feed"].includes(location.hash) ? document.querySelector(location.hash) : null;
    section?.scrollIntoView();
    section?.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
  }, []);
}

export default function Home() {
  const feed = resource("/feed");
  usePlace(() => feed.state.value.data !== undefined);
  useOldLinks();
  useSection();
  useEffect(() => tellReturn(Date.now()), []);
  useEffect(() => onEvent("feed", () => void feed.load()), [feed.state]);
  return (
    <div class="dashboard">
      <div class="dashboard-head">
        <PageHead>{t("feed")}</PageHead>
        <a class="teaser" href="/battles/new"><span>{t("askTheRoom")}</span> <span class="act main">{t("startBattle")}</span></a>
      </div>
      <div class="dashboard-side"><Away /><Aside /></div>
      <div>
        <Loaded from={feed}>{({ items }) => <FeedList latest={items} />}</Loaded>
        <RoomStrip />
        <OwnPersonas />
      </div>
    </div>
  );
}
