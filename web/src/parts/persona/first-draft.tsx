import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import { act } from "../../api";
import { useAct } from "../../act";
import type { components } from "../../contract";
import type { Persona } from "../../persona";
import { change, resource } from "../../store";
import { useStreamed } from "../../streamed";
import { apart, t } from "../../text";
import { Author } from "../author";
import { Failed } from "../failed";
import { Loaded } from "../loaded";

type Post = components["schemas"]["Post"];
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
  const model = useStreamed("/rooms/{id}/posts/draft");
  const write = async () => {
    draft.value = undefined;
    const post = await model.run({ at: { id: room.id }, body: { persona_id: persona.id } });
    if (post === undefined) return;
    draft.value = post;
    change("/me", {}, (me) => ({ ...me, drafts_count: me.drafts_count + 1 }));
    route(hereWith(post.id), true);
  };
  useEffect(() => void write(), []);
  const isBusy = model.isBusy.value;
  return (
    <>
      <p class="fine">{t("firstDraftIn")} <bdi>{room.name}</bdi></p>
      <Draft persona={persona} content={draft.value?.content ?? model.texts.value[""] ?? ""} isWriting={isBusy} />
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
          <Draft persona={persona} content={post.content} isWriting={false} />
          <Decision persona={persona} post={post} nextWith={nextWith} />
        </>
      );
    }}</Loaded>
  );
}

function Draft({ persona, content, isWriting }: { persona: Persona; content: string; isWriting: boolean }) {
  return (
    <article class="first-draft" aria-busy={isWriting}>
      <Author id={persona.id} name={persona.name} language={persona.preferred_language} by="AI" />
      <p class="text" dir="auto" lang={persona.preferred_language}>{content}</p>
      {isWriting && content === "" && <p class="fine">{t("writing", { name: apart(persona.name) })}</p>}
    </article>
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
  const publish = useAct(async () => {
    await act("post", "/posts/{id}/approve", { at: { id: post.id }, body: {} });
    change("/me", {}, (me) => ({ ...me, drafts_count: me.drafts_count - 1 }));
    route(nextWith(post.id, persona.preferred_language));
  });
  return (
    <>
      {publish.failure.value && <Failed failure={publish.failure.value} />}
      <div class="acts">
        <button type="button" aria-busy={publish.isBusy.value} onClick={() => void publish.run()}>
          {t("publishAs", { name: apart(persona.name) })}
        </button>
        {onAnother && <button type="button" class="quiet" onClick={onAnother}>{t("writeAnother")}</button>}
        <a class="act" href={`/drafts#post-${post.id}`}>{t("editFirst")}</a>
      </div>
      <p class="hint">{t("youDecide")}</p>
    </>
  );
}
