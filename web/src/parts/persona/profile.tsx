import { useSignal } from "@preact/signals";
import { useState } from "preact/hooks";
import { act } from "../../api";
import { useAct } from "../../act";
import { keptForm } from "../../keep";
import { MAX, type Persona } from "../../persona";
import { change, resource } from "../../store";
import { t } from "../../text";
import { Failed } from "../failed";
import { copyText } from "../../clipboard";
import { Field } from "../field";
import { Loaded } from "../loaded";
import { Restored } from "../restored";
import { say } from "../toast";
import { formalities } from "./fields";
import { languages } from "./languages";

function linkOf(slug: string): string {
  return `${location.origin}/p/${slug}`;
}

function knowProfile(id: string, profile: Partial<Persona["profile"]>): void {
  change("/personas/{id}", { at: { id } }, (known) => ({ ...known, profile: { ...known.profile, ...profile } }));
}

/** What its page says of it, as the server's badges do. */
function Badges({ persona }: { persona: Persona }) {
  const language = languages().find(([key]) => key === persona.preferred_language)?.[1];
  return (
    <p class="badges">
      <span class="chip">{t("publicPersona")}</span>
      <span class="chip">{language}</span>
      <span class="chip">{t("toneIs")} <bdi>{persona.tone}</bdi></span>
      <span class="chip">{formalities()[persona.formality]}</span>
    </p>
  );
}

function Link({ slug }: { slug: string }) {
  const copy = async (field: HTMLInputElement | null) => {
    if (await copyText(linkOf(slug))) return say(t("linkCopied"));
    field?.select();
    say(t("linkSelected"));
  };
  return (
    <div class="copy">
      <input readOnly value={linkOf(slug)} aria-label={t("profileLink")} dir="ltr" />
      <button type="button" class="quiet" onClick={(event) =>
        void copy(event.currentTarget.parentElement?.querySelector("input") ?? null)}>{t("copyLink")}</button>
    </div>
  );
}

function ProfileForm({ persona, bio, onDone }: { persona: Persona; bio: string; onDone: () => void }) {
  const [form] = useState(() => keptForm("profile", persona.id, { slug: persona.profile.slug ?? "", bio }));
  const { slug, bio: typed } = form.fields.value;
  const publish = useAct(async () => {
    const body = { slug, bio: typed };
    const profile = await act("post", "/personas/{id}/publish-profile", { at: { id: persona.id }, body });
    form.drop();
    change("/p/{slug}", { at: { slug: profile.slug } }, (page) => (
      { ...page, profile: { ...page.profile, bio: profile.bio } }));
    say(t(await copyText(linkOf(profile.slug)) ? "publishedAndCopied" : "profilePublished"));
    knowProfile(persona.id, { is_public: true, slug: profile.slug });
    onDone();
  });
  return (
    <form onSubmit={(event) => {
      event.preventDefault();
      void publish.run();
    }}>
      <Restored form={form} />
      <Field label={t("slug")} hint={t("slugHint")} name="slug" value={slug}
        onInput={(value) => form.set("slug", value)} />
      <Field label={t("profileBio")} hint={t("profileBioHint")} name="profile-bio" value={typed} rows={3} max={MAX.bio}
        lang={persona.preferred_language} onInput={(value) => form.set("bio", value)} />
      {publish.failure.value && <Failed failure={publish.failure.value} />}
      <button type="submit" aria-busy={publish.isBusy.value}>
        {t(persona.profile.is_public ? "save" : "publishProfile")}
      </button>
    </form>
  );
}

function Public({ persona, slug }: { persona: Persona; slug: string }) {
  const isChanging = useSignal(false);
  const unpublish = useAct(async () => {
    await act("post", "/personas/{id}/unpublish-profile", { at: { id: persona.id }, body: {} });
    say(t("profileUnpublished"));
    knowProfile(persona.id, { is_public: false });
  });
  return (
    <>
      <Badges persona={persona} />
      <Link slug={slug} />
      <p class="fine">
        {t("followers", { n: persona.profile.followers })} · <a href={`/p/${slug}`}>{t("seeProfile")}</a>
      </p>
      {unpublish.failure.value && <Failed failure={unpublish.failure.value} />}
      <div class="acts">
        <button type="button" class="quiet" aria-expanded={isChanging.value}
          onClick={() => (isChanging.value = !isChanging.value)}>{t("changeProfile")}</button>
        <button type="button" class="quiet" aria-busy={unpublish.isBusy.value} onClick={() => void unpublish.run()}>
          {t("unpublish")}
        </button>
      </div>
      {/* Read when it is asked for: the reading counts as a visit. */}
      {isChanging.value && <Loaded from={resource("/p/{slug}", { at: { slug } })}>{({ profile }) =>
        <ProfileForm persona={persona} bio={profile.bio} onDone={() => (isChanging.value = false)} />}</Loaded>}
    </>
  );
}

/** The page that everybody may see, and whether there is one. */
export function Profile({ persona }: { persona: Persona }) {
  const { is_public: isPublic, slug } = persona.profile;
  return (
    <section class="panel" aria-labelledby="profile">
      <h2 id="profile">{t("publicProfile")}</h2>
      {isPublic && slug !== undefined
        ? <Public persona={persona} slug={slug} />
        : <>
          <p>{t("profileText")}</p>
          <ProfileForm persona={persona} bio="" onDone={() => undefined} />
        </>}
    </section>
  );
}
