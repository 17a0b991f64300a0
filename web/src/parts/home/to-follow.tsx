import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { components } from "../../contract";
import { useFollow } from "../../follow";
import { resource } from "../../store";
import { t } from "../../text";
import { Failed } from "../failed";

const OFFERED = 3;

function Offer({ persona: { slug, name, bio } }: { persona: components["schemas"]["DiscoveredPersona"] }) {
  const isFollowed = useSignal(false);
  const follow = useFollow(slug);
  const press = async () => {
    isFollowed.value = !isFollowed.value;
    if (!await follow.run(isFollowed.value)) isFollowed.value = !isFollowed.value;
    void resource("/feed").load();
  };
  return (
    <li>
      <article class="card">
        <h2><a href={`/p/${slug}`} dir="auto">{name}</a></h2>
        <p class="rules" dir="auto">{bio}</p>
        <button type="button" class="quiet" aria-pressed={isFollowed.value} onClick={() => void press()}>
          {t(isFollowed.value ? "followingThis" : "follow")}<span class="unseen"> {name}</span>
        </button>
        {follow.failure.value && <Failed failure={follow.failure.value} />}
      </article>
    </li>
  );
}

/** Who follows nobody is shown three to start with. */
export function ToFollow() {
  const found = resource("/discover");
  useEffect(() => void found.load(), []);
  const personas = found.state.value.data?.personas.slice(0, OFFERED) ?? [];
  return (
    <>
      <p class="empty">{t(personas.length > 0 ? "emptyFeedWith" : "emptyFeed")}</p>
      {personas.length > 0 && <ul class="list">{personas.map((persona) => <Offer key={persona.slug} persona={persona} />)}</ul>}
    </>
  );
}
