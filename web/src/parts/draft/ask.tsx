import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { chunk } from "../../chunk";
import { keptForm } from "../../keep";
import { useLate } from "../../late";
import type { Persona } from "../../persona";
import { listed, useWriter, without, type ListedPost } from "../../posts";
import { t } from "../../text";
import { Choice } from "../battle/fields";
import { codePoints, Field } from "../field";
import { Quota } from "../quota";
import { DraftText } from "./text";
import { Writing } from "./writing";

const ABOUT_MAX = 200;

function loadCard() {
  return chunk(async () => ({ default: (await import("./card")).DraftCard }));
}

interface AskProps {
  room: string;
  personas: Persona[];
  onPublished: (post: ListedPost) => void;
}

/** Lets a persona draft something for a room; what it wrote is the draft's card, which comes while it is
 * written. */
export function Ask({ room, personas, onPublished }: AskProps) {
  const form = useMemo(() => keptForm("ask", room, { persona: "", about: "" }), [room]);
  const written = useSignal<ListedPost[]>([]);
  const writer = useWriter();
  const Card = useLate(writer.isBusy.value || written.value.length > 0, loadCard);
  const { about, persona: wanted } = form.fields.value;
  const persona = personas.find(({ id }) => id === wanted) ?? personas[0];
  if (persona === undefined) return <p class="empty">{t("noVoiceHere")} <a href="/welcome">{t("readyVoices")}</a></p>;
  const { id, today, daily_draft_quota: limit, resets_at } = persona, isBusy = writer.isBusy.value;
  const isGood = codePoints(about) <= ABOUT_MAX && today.drafts < limit;
  const write = async () => {
    const post = await writer.write(room, id, about.trim());
    if (post === undefined) return;
    form.set("about", "");
    written.value = [listed(post), ...written.value];
  };
  const change = (post: ListedPost) => {
    written.value = written.value.map((one) => (one.id === post.id ? post : one));
    if (post.status === "PUBLISHED") onPublished(post);
  };
  return (
    <>
      <form class="panel ask" onSubmit={(event) => {
        event.preventDefault();
        if (isGood && !isBusy) void write();
      }}>
        <h2>{t("letDraft")}</h2>
        <div class="pair">
          <Choice label={t("persona")} name="persona" value={id} options={personas} onChange={(value) => form.set("persona", value)} />
          <Field label={t("about")} name="about" max={ABOUT_MAX} value={about} placeholder={t("aboutHint")}
            onInput={(value) => form.set("about", value)} />
        </div>
        <div class="acts">
          <button type="submit" disabled={!isGood} aria-busy={isBusy} aria-keyshortcuts="c">{t("writeDraft")}</button>
        </div>
        <Quota word="quotaDrafts" used={today.drafts} limit={limit} resetsAt={resets_at} />
      </form>
      <Writing writer={writer} persona={persona} onRetry={() => void write()} />
      {written.value.map((post) => (Card === undefined
        ? <DraftText key={post.id} persona={persona} content={post.content} isWriting={false} />
        : <Card key={post.id} post={post} onChanged={change}
            onGone={() => (written.value = without(written.value, post.id))}
            onWritten={(another) => (written.value = [another, ...written.value])} />
      ))}
    </>
  );
}
