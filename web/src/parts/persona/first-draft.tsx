import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import type { components } from "../../contract";
import type { Persona } from "../../persona";
import { usePublishing, useWriter, type Post } from "../../posts";
import { resource } from "../../store";
import { apart, t } from "../../text";
import { DraftText } from "../draft/text";
import { Failed } from "../failed";
import { Loaded } from "../loaded";

type Room = components["schemas"]["Room"];

interface DraftProps {
  persona: Persona;
  /** The address of this step about a draft, and of the next one. */
  hereWith: (draft: string) => string;
  nextWith: (post: string, language: string) => string;
}

/** Written in front of the person, and published when the person says so. */
export function Writing({ persona, room, hereWith, nextWith }: DraftProps & { room: Room }) {
  const { route } = useLocation();
  const draft = useSignal<Post | undefined>(undefined);
  const model = useWriter();
  const write = async () => {
    draft.value = undefined;
    const post = await model.write(room.id, persona.id);
    if (post === undefined) return;
    draft.value = post;
    route(hereWith(post.id), true);
  };
  useEffect(() => void write(), []);
  const isBusy = model.isBusy.value;
  return (
    <>
      <p class="fine">{t("firstDraftIn")} <bdi>{room.name}</bdi></p>
      <DraftText persona={persona} content={draft.value?.content ?? model.text} isWriting={isBusy} />
      {model.failure.value && <Failed failure={model.failure.value} onRetry={() => void write()} />}
      {draft.value && <Decision persona={persona} post={draft.value} nextWith={nextWith}
        onAnother={() => void write()} />}
    </>
  );
}

/** One that was written before the page was loaded anew. */
export function Written({ persona, id, nextWith }: Omit<DraftProps, "hereWith"> & { id: string }) {
  return (
    <Loaded from={resource("/me/posts", { query: { status: "draft" } })}>{({ posts }) => {
      const post = posts.find((one) => one.id === id);
      if (post === undefined) return <p class="empty">{t("draftIsGone")} <a href="/drafts">{t("drafts")}</a></p>;
      return (
        <>
          <DraftText persona={persona} content={post.content} isWriting={false} />
          <Decision persona={persona} post={post} nextWith={nextWith} />
        </>
      );
    }}</Loaded>
  );
}

interface DecisionProps {
  persona: Persona;
  post: Post;
  nextWith: (post: string, language: string) => string;
  onAnother?: () => void;
}

function Decision({ persona, post, nextWith, onAnother }: DecisionProps) {
  const { route } = useLocation();
  const publish = usePublishing(() => route(nextWith(post.id, persona.preferred_language)));
  return (
    <>
      {publish.failure.value && <Failed failure={publish.failure.value} />}
      <div class="acts">
        <button type="button" aria-busy={publish.isBusy.value} onClick={() => void publish.run(post.id)}>
          {t("publishAs", { name: apart(persona.name) })}
        </button>
        {onAnother && <button type="button" class="quiet" onClick={onAnother}>{t("writeAnother")}</button>}
        <a class="act" href={`/drafts#post-${post.id}`}>{t("editFirst")}</a>
      </div>
      <p class="hint">{t("youDecide")}</p>
    </>
  );
}
