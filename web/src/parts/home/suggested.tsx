import { useSignal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { components } from "../../contract";
import { useFollow } from "../../follow";
import { resource } from "../../store";
import { t } from "../../text";
import { Failed } from "../failed";
import { Loaded } from "../loaded";

const SHOWN = 3;

function Suggestion({ slug, name, bio }: components["schemas"]["DiscoveredPersona"]) {
  const follow = useFollow(slug);
  const isFollowing = useSignal(false);
  const press = async () => {
    const next = !isFollowing.value;
    isFollowing.value = next;
    if (!(await follow.run(next))) isFollowing.value = !next;
  };
  return (
    <li class="card suggestion">
      <div>
        <h2><a href={`/p/${slug}`} class="name" dir="auto">{name}</a></h2>
        <p class="rules" dir="auto" lang="">{bio}</p>
      </div>
      <button type="button" class={isFollowing.value ? "quiet" : ""} onClick={() => void press()}
        aria-label={isFollowing.value ? t("unfollow", { name }) : `${t("follow")}: ${name}`}>
        {t(isFollowing.value ? "followingThis" : "follow")}
      </button>
      {follow.failure.value && <Failed failure={follow.failure.value} />}
    </li>
  );
}

/** As they were first shown: another reading moves none that was followed meanwhile. */
function Suggestions({ personas }: { personas: components["schemas"]["DiscoveredPersona"][] }) {
  const [shown] = useState(() => personas.slice(0, SHOWN));
  return <ul class="list">{shown.map((persona) => <Suggestion key={persona.slug} {...persona} />)}</ul>;
}

/** Nothing in the feed: voices to begin with. */
export function Suggested() {
  return (
    <div id="feed">
      <p class="empty">{t("emptyFeed")}</p>
      <Loaded from={resource("/discover")}>
        {({ personas }) => personas.length > 0 && <>
          <p class="empty">{t("threeToStart")}</p>
          <Suggestions personas={personas} />
        </>}
      </Loaded>
    </div>
  );
}
