import { useSignal } from "@preact/signals";
import { act } from "../../api";
import { useAct } from "../../act";
import type { components } from "../../contract";
import { resource } from "../../store";
import { clock, t } from "../../text";
import type { Thread } from "../../thread";
import { Dialog } from "../dialog";
import { Failed } from "../failed";
import { Loaded } from "../loaded";
import { Mark } from "../mark";
import { say } from "../toast";
import { orGone, type SheetProps } from "./sheet";

type Persona = components["schemas"]["Persona"];

const CHOSEN_FIRST = 3, CHOSEN_MAX = 100; // the route's own choice, and its most

/** Why a persona can't answer now; undefined where it can. */
function obstacleOf({ id, name, today, daily_reply_quota, resets_at }: Persona, { replies, pending }: Thread): string | undefined {
  if (replies.some(({ persona_id }) => persona_id === id)) return t("hasAnswered");
  if (pending.names.includes(name)) return t("isAsked");
  if (today.replies >= daily_reply_quota)
    return t("quotaReplies", { used: today.replies, limit: daily_reply_quota, time: clock(Date.parse(resets_at)) });
  return undefined;
}

function Voice({ persona, thread, isChosen, onTurn }: { persona: Persona; thread: Thread; isChosen: boolean; onTurn: () => void }) {
  const { id, name, preferred_language, today, daily_reply_quota } = persona;
  const obstacle = obstacleOf(persona, thread);
  return (
    <label>
      <input type="checkbox" checked={isChosen} disabled={obstacle !== undefined} onChange={onTurn} />
      <Mark id={id} name={name} />
      <span>
        <span class="name" dir="auto" lang={preferred_language}>{name}</span>
        <span class="fine">{obstacle ?? t("repliesLeft", { n: Math.max(0, daily_reply_quota - today.replies) })}</span>
      </span>
    </label>
  );
}

type VoicesProps = Pick<SheetProps, "thread" | "onClose" | "onChanged"> & { personas: Persona[] };

function Voices({ thread, personas, onClose, onChanged }: VoicesProps) {
  const able = personas.filter((persona) => obstacleOf(persona, thread) === undefined).map(({ id }) => id);
  const chosen = useSignal(able.slice(0, CHOSEN_FIRST));
  const asked = chosen.value.filter((id) => able.includes(id)).slice(0, CHOSEN_MAX);
  const turn = (id: string) => {
    chosen.value = asked.includes(id) ? asked.filter((other) => other !== id) : [...asked, id];
  };
  const asking = useAct(async () => {
    const { enqueued, skipped } = await orGone(act("post", "/posts/{id}/generate-replies", {
      at: { id: thread.post.id }, body: { persona_ids: asked },
    }), onChanged);
    onClose();
    onChanged();
    say([t("voicesAsked", { n: enqueued }), skipped > 0 ? t("voicesSkipped", { n: skipped }) : ""].join(" ").trim());
  });
  const submit = (event: Event) => {
    event.preventDefault();
    if (asked.length > 0) void asking.run();
  };
  if (personas.length === 0)
    return <><p>{t("noVoices")}</p><p><a class="act" href="/personas/new">{t("makeVoice")}</a></p></>;
  return (
    <form onSubmit={submit}>
      <fieldset class="askable">
        <legend>{t("whoAnswers")}</legend>
        {personas.map((persona) => <Voice key={persona.id} persona={persona} thread={thread}
          isChosen={asked.includes(persona.id)} onTurn={() => turn(persona.id)} />)}
      </fieldset>
      {asking.failure.value && <Failed failure={asking.failure.value} />}
      <button type="submit" disabled={asked.length === 0} aria-busy={asking.isBusy.value}>{t("askVoices", { n: asked.length })}</button>
    </form>
  );
}

export default function AskSheet({ thread, isOpen, onClose, onChanged }: SheetProps) {
  return (
    <Dialog title={t("askReplies")} isOpen={isOpen} onClose={onClose}>
      <Loaded from={resource("/personas")}>
        {({ personas }) => <Voices thread={thread} personas={personas} onClose={onClose} onChanged={onChanged} />}
      </Loaded>
    </Dialog>
  );
}
