import { useSignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { heardToday, keepHeard } from "../../heard";
import { voiceOf, type Persona, type PersonaFields, type voiceFields } from "../../persona";
import { change, resource } from "../../store";
import { useStreamed } from "../../streamed";
import { t } from "../../text";
import { Failed } from "../failed";
import { Loaded } from "../loaded";
import { Quota } from "../quota";
import { Earlier, Pair } from "./heard";

const LABELS = ["AI Preview 1", "AI Preview 2"];

interface ListenProps {
  persona: Persona | undefined;
  fields: PersonaFields;
  onTake: (voice: ReturnType<typeof voiceFields>) => void;
}

/** The voice as it stands in the form, saved or not. Nothing is saved by listening. */
export function Listen({ persona, fields, onTake }: ListenProps) {
  return (
    <section class="panel listen" aria-labelledby="listen">
      <h2 id="listen">{t("howItSounds")}</h2>
      {persona === undefined
        ? <p class="empty">{t("saveToHear")}</p>
        : <Previews persona={persona} fields={fields} onTake={onTake} />}
    </section>
  );
}

function Previews({ persona, fields, onTake }: ListenProps & { persona: Persona }) {
  const rooms = resource("/rooms"), me = resource("/me");
  const room = useSignal("");
  const [earlier, setEarlier] = useState(() => heardToday(persona.id));
  const preview = useStreamed("/personas/{id}/preview");
  useEffect(() => void me.load(), []);
  const at = { id: persona.id };
  const listen = async (roomId: string, roomName: string) => {
    const voice = voiceOf(fields);
    const answer = await preview.run({ at, query: { room_id: roomId }, body: { voice } });
    if (answer === undefined) {
      // What was given up used nothing; what was refused may tell of units that were used elsewhere.
      if (preview.failure.value !== undefined) void resource("/personas/{id}", { at }).load();
      return;
    }
    setEarlier(keepHeard(persona.id, { room: roomName, texts: answer.drafts, voice }));
    change("/personas/{id}", { at }, (known) => ({ ...known, today: { ...known.today, previews: answer.quota.used } }));
  };
  const limit = me.state.value.data?.limits.preview_quota, used = persona.today.previews;
  const isBusy = preview.isBusy.value, isUsedUp = limit !== undefined && used >= limit;
  const shown = LABELS.map((label) => ({ label, content: preview.texts.value[label] ?? "" }));
  return (
    <Loaded from={rooms}>{({ rooms: all }) => {
      const chosen = all.find(({ id }) => id === room.value) ?? all[0];
      if (chosen === undefined) return <p class="empty">{t("noRooms")}</p>;
      return (
        <>
          <div class="field">
            <label for="preview-room">{t("inRoom")}</label>
            <select id="preview-room" value={chosen.id} onChange={(event) => (room.value = event.currentTarget.value)}>
              {all.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
            </select>
          </div>
          <div class="acts">
            <button type="button" aria-busy={isBusy} disabled={isUsedUp}
              onClick={() => void listen(chosen.id, chosen.name)}>
              {t(earlier.length > 0 ? "listenAgain" : "listen")}
            </button>
            {isBusy && <button type="button" class="quiet" onClick={preview.cancel}>{t("cancel")}</button>}
          </div>
          {limit !== undefined && <Quota word="quotaPreviews" used={used} limit={limit} resetsAt={persona.resets_at} />}
          {preview.failure.value && <Failed failure={preview.failure.value} />}
          {isBusy && <Pair texts={shown} lang={fields.language} />}
          <ol class="list heard" aria-label={t("heardToday")}>
            {earlier.map((one) => <Earlier key={one.id} heard={one} fields={fields} onTake={onTake} />)}
          </ol>
        </>
      );
    }}</Loaded>
  );
}
