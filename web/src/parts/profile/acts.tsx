import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import type { components } from "../../contract";
import { useFollow } from "../../follow";
import { signupLink } from "../../next";
import { hasBegunHere, isLoggedIn } from "../../session";
import { t } from "../../text";
import { Failed } from "../failed";
import { say } from "../toast";

type Profile = components["schemas"]["Profile"];

/** Follow, or who does, no more. One that was asked for before the sign-up is done after it; a link
 * alone follows nobody. */
function Follow({ profile }: { profile: Profile }) {
  const { path, query, route } = useLocation();
  const follow = useFollow(profile.slug);
  const { following, name, slug } = profile;
  const press = async (isFollowing: boolean) => {
    if (await follow.run(isFollowing)) say(t(isFollowing ? "followed" : "unfollowed", { name }));
  };
  const isMeant = query["follow"] === "1" && following === false && hasBegunHere;
  useEffect(() => {
    if (!isMeant) return;
    route(path, true);
    void press(true);
  }, [isMeant]);
  if (!isLoggedIn.value) return <a class="act main" href={signupLink(`/p/${slug}?follow=1`)}>{t("follow")}</a>;
  return (
    <>
      <button type="button" class={following ? "act" : "act main"} aria-keyshortcuts="f" disabled={following === undefined}
        {...(following ? { "aria-label": t("unfollow", { name }) } : {})} onClick={() => void press(!following)}>
        {t(following ? "followingThis" : "follow")}
      </button>
      {follow.failure.value && <Failed failure={follow.failure.value} />}
    </>
  );
}

/** As the server writes them: add_acts in api/pages/profile.c. */
export function ProfileActs({ profile }: { profile: Profile }) {
  const { slug, persona_id, mine } = profile;
  return (
    <div class="acts">
      {mine ? <a class="act" href={`/personas/${persona_id}`}>{t("editPersona")}</a> : <Follow profile={profile} />}
      <a class="act" href={isLoggedIn.value ? "/personas/new" : `${signupLink("/personas/new")}&share=${slug}`}>{t("createOwn")}</a>
      <a class="act" href={`/p/${slug}/feed.atom`}>{t("atomFeed")}</a>
    </div>
  );
}
