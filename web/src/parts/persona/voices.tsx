import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { act } from "../../api";
import { useAct } from "../../act";
import { archetypesIn, type Archetype, type Key } from "../../archetypes";
import type { Persona } from "../../persona";
import { change } from "../../store";
import { apart, t } from "../../text";
import { Failed } from "../failed";

/** The voices of a language; none until they are there. */
function useArchetypes(language: string): Archetype[] {
  const all = useSignal<Archetype[]>([]);
  useEffect(() => {
    let isWanted = true;
    void archetypesIn(language).then((found) => isWanted && (all.value = found));
    return () => void (isWanted = false);
  }, [language]);
  return all.value;
}

interface CardProps {
  archetype: Archetype;
  isBusy: boolean;
  word: "startWith" | "letAnswer";
  onTake: () => void;
}

function Card({ archetype: { title, voice }, isBusy, word, onTake }: CardProps) {
  const { name, bio, writing_samples: [sample], preferred_language: lang } = voice;
  return (
    <li>
      <article class="voice-card">
        <p class="fine">{title}</p>
        <h2><bdi lang={lang}>{name}</bdi></h2>
        <blockquote lang={lang}>{sample}</blockquote>
        <p class="fine" lang={lang}>{bio}</p>
        <button type="button" class="quiet" aria-busy={isBusy} onClick={onTake}>
          {t(word, { name: apart(name) })}
        </button>
      </article>
    </li>
  );
}

interface VoicesProps {
  language: string;
  /** The voice that is there already isn't offered; who disagrees with it best stands first. */
  without?: string | undefined;
  /** A press makes the persona, and this goes on with it. */
  onTaken: (persona: Persona, archetype: Archetype) => Promise<void> | void;
}

/** Voices that are ready: one press makes a persona of one. */
export function Voices({ language, without, onTaken }: VoicesProps) {
  const pressed = useSignal<Key | undefined>(undefined);
  // What follows may fail, too: then the next press goes on with the persona that was made.
  const made = useSignal<{ persona: Persona; key: Key } | undefined>(undefined);
  const take = useAct(async (archetype: Archetype) => {
    pressed.value = archetype.key;
    if (made.value?.key !== archetype.key) {
      const persona = await act("post", "/personas", { body: archetype.voice });
      made.value = { persona, key: archetype.key };
      change("/me", {}, (me) => ({ ...me, personas_count: me.personas_count + 1 }));
    }
    if (made.value !== undefined) await onTaken(made.value.persona, archetype);
  });
  const all = useArchetypes(language);
  const against = all.find(({ key }) => key === without)?.against;
  const offered = all.filter(({ key }) => key !== without)
    .sort((a, b) => Number(b.key === against) - Number(a.key === against));
  return (
    <>
      {take.failure.value && <Failed failure={take.failure.value} />}
      <ul class="voices">
        {offered.map((archetype) => (
          <Card key={archetype.key} archetype={archetype} word={without === undefined ? "startWith" : "letAnswer"}
            onTake={() => void take.run(archetype)}
            isBusy={take.isBusy.value && pressed.value === archetype.key} />
        ))}
      </ul>
    </>
  );
}
