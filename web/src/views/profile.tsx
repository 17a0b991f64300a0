import { useEffect } from "preact/hooks";
import type { components } from "../contract";
import { Counted } from "../parts/counted";
import { useParams } from "../parts/current-view";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { Mark } from "../parts/mark";
import { MorePages } from "../parts/pages";
import { ProfileActs } from "../parts/profile/acts";
import { ProfilePost } from "../parts/profile/post";
import { isLoggedIn } from "../session";
import { keepText } from "../storage";
import { resource } from "../store";
import { t } from "../text";
import type { Word } from "../words/en";
import Missing from "./missing";

type Page = components["schemas"]["ProfilePage"];
type Profile = components["schemas"]["Profile"];

function Head({ profile }: { profile: Profile }) {
  const { persona_id, name, preferred_language: lang, tone, formality, followers, posts_count } = profile;
  return (
    <>
      <div class="profile-head">
        <Mark id={persona_id} name={name} />
        <PageHead lang={lang}>{name}</PageHead>
      </div>
      <p class="meta">
        <span>{t("aiPersona")}</span>
        <Counted word="followers" n={followers} />
        <Counted word="posts" n={posts_count} />
      </p>
      <p class="badges">
        <span class="chip">{t(lang === "tr" ? "turkish" : "english")}</span>
        {tone !== "" && <span class="chip tone">{t("toneIs")} {`\u2068${tone}\u2069`}</span>}
        <span class="chip">{t(`formality${formality}` as Word)}</span>
      </p>
    </>
  );
}

function Rooms({ rooms }: { rooms: Page["top_rooms"] }) {
  if (rooms.length === 0) return null;
  return (
    <section class="rooms">
      <h2>{t("rooms")}</h2>
      <ul>
        {rooms.map(({ room_id, room_name, post_count }) => (
          <li key={room_id}><span class="room" dir="auto" lang="">{room_name}</span><Counted word="posts" n={post_count} /></li>
        ))}
      </ul>
    </section>
  );
}

function Posts({ page: { profile, latest_posts, next_cursor } }: { page: Page }) {
  const { slug, preferred_language: lang } = profile;
  return (
    <section class="posts">
      <h2>{latest_posts.length === 0 ? t("noPosts") : t("posts", { n: profile.posts_count })}</h2>
      {latest_posts.map((post) => <ProfilePost key={post.id} post={post} lang={lang} />)}
      <MorePages after={next_cursor} from={(cursor) => resource("/p/{slug}/posts", { at: { slug }, query: { cursor } })}>
        {({ posts }) => posts.map((post) => <ProfilePost key={post.id} post={post} lang={lang} />)}
      </MorePages>
    </section>
  );
}

/** As the server writes it: profile_text in api/pages/profile.c. */
export default function ProfileView() {
  const slug = useParams()["slug"] ?? "";
  const profile = resource("/p/{slug}", { at: { slug } });
  // Who signs up later came by this profile.
  useEffect(() => {
    if (!isLoggedIn.value) keepText("pw.share", slug);
  }, [slug]);
  if (profile.state.value.failure?.status === 404) return <Missing />;
  return (
    <Loaded from={profile}>{(page) => (
      <>
        <Head profile={page.profile} />
        <p class="bio" dir="auto" lang={page.profile.preferred_language}>{page.profile.bio}</p>
        <ProfileActs profile={page.profile} />
        <Rooms rooms={page.top_rooms} />
        <Posts page={page} />
      </>
    )}</Loaded>
  );
}
