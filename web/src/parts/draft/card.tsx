import { useEffect, useMemo, useRef } from "preact/hooks";
import { act } from "../../api";
import { useAct } from "../../act";
import { keptForm } from "../../keep";
import type { Persona } from "../../persona";
import { listed, usePublishing, useWriter, type ListedPost } from "../../posts";
import { resource } from "../../store";
import { t } from "../../text";
import { Author } from "../author";
import { Failed } from "../failed";
import { codePoints, Field } from "../field";
import { Restored } from "../restored";
import { say } from "../toast";
import { Deleting } from "./deleting";
import { isElsewhere, leaveDraft, openDraft } from "./elsewhere";
import { Published } from "./published";
import { Writing } from "./writing";

const LENGTH_USUAL = 500;

interface DraftCardProps {
  post: ListedPost;
  /** It was saved or published. */
  onChanged: (post: ListedPost) => void;
  onGone: () => void;
  onWritten: (another: ListedPost) => void;
}

/** A draft in its owner's hands; what it turns into once it is published. */
export function DraftCard(props: DraftCardProps) {
  return props.post.status === "PUBLISHED" ? <Published post={props.post} /> : <Editable {...props} />;
}

function formOf({ id, content }: ListedPost) {
  return keptForm("draft", id, { content });
}

function useDraftForm(post: ListedPost) {
  const form = useMemo(() => formOf(post), [post.id, post.content]);
  useEffect(() => () => leaveDraft(post.id), []);
  return form;
}

function personaOf(id: string | undefined): Persona | undefined {
  return resource("/personas").state.value.data?.personas.find((persona) => persona.id === id);
}

function Editable({ post, onChanged, onGone, onWritten }: DraftCardProps) {
  const { id, room_id, room_name, persona_id, persona_name } = post;
  const form = useDraftForm(post);
  const element = useRef<HTMLFormElement>(null);
  const text = form.fields.value.content, max = resource("/me").state.value.data?.limits.draft_max_len ?? LENGTH_USUAL;
  const isChanged = text !== post.content, isGood = text.trim() !== "" && codePoints(text) <= max;
  /** What was typed while the server was asked stays. */
  const settle = (answer: ListedPost) => {
    const typed = form.fields.value.content;
    form.drop();
    if (typed !== text && answer.status === "DRAFT") formOf(answer).set("content", typed);
    onChanged(answer);
  };
  const saving = useAct(async () => {
    settle(listed(await act("put", "/posts/{id}", { at: { id }, body: { content: text } })));
    say(t("saved"));
  });
  const publishing = usePublishing((published) => settle(listed(published)));
  const isBusy = saving.isBusy.value || publishing.isBusy.value;
  const save = () => void (isGood && isChanged && !isBusy && saving.run());
  const writer = useWriter(), persona = personaOf(persona_id);
  /** By the same voice, for the same room. This one stays. */
  const another = () => {
    if (persona !== undefined) void writer.write(room_id, persona.id).then((made) => made && onWritten(listed(made)));
  };
  const failure = publishing.failure.value ?? saving.failure.value;
  return (
    <article class="draft-card" id={`post-${id}`}>
      <h2><a href={`/rooms/${room_id}`} dir="auto" lang="">{room_name}</a></h2>
      <Author id={persona_id} name={persona_name} by={post.authored_by} at={post.created_at} />
      <form ref={element} onFocusIn={() => openDraft(id)} onSubmit={(event) => {
        event.preventDefault();
        if (isGood && !isBusy) void publishing.run(id, isChanged ? text : undefined);
      }} onKeyDown={(event) => {
        if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
        event.preventDefault();
        save();
      }}>
        <Restored form={form} />
        {isElsewhere(id) && <p class="note warned" role="status">{t("alsoElsewhere")}</p>}
        <Field label={t("draftText")} name="content" rows={4} max={max} value={text} lang="" shortcut="e"
          onInput={(value) => form.set("content", value)} />
        {failure && <Failed failure={failure} />}
        <div class="acts">
          <button type="submit" disabled={!isGood} aria-busy={publishing.isBusy.value} aria-keyshortcuts="a">
            {persona_name === undefined ? t("publish") : t("publishAs", { name: persona_name })}
          </button>
          <button type="button" class="quiet" disabled={!isGood || !isChanged} aria-busy={saving.isBusy.value} onClick={save}>
            {t("save")}
          </button>
          {persona && <button type="button" class="quiet" aria-busy={writer.isBusy.value} onClick={another}>{t("writeAnother")}</button>}
          <Deleting post={post} onGone={() => {
            form.drop();
            onGone();
          }} />
        </div>
      </form>
      {persona && <Writing writer={writer} persona={persona} onRetry={another} />}
    </article>
  );
}
