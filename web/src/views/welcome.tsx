// The first minute: a voice, its first draft, and somebody who answers. Each step is an address, so
// that nothing is lost when the page is.
import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { KEYS, type Key } from "../archetypes";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { languages } from "../parts/persona/languages";
import { Writing, Written } from "../parts/persona/first-draft";
import { Segmented } from "../parts/persona/segmented";
import { Voices } from "../parts/persona/voices";
import { resource } from "../store";
import { language, t } from "../text";

function withQuery(path: string, query: Record<string, string | undefined>): string {
  const known = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `${path}?${new URLSearchParams(known).toString()}`;
}

function Choice() {
  const { route } = useLocation();
  const speaks = useSignal<string>(language.value);
  return (
    <>
      <PageHead>{t("whoseVoice")}</PageHead>
      <p>{t("whoseVoiceText")}</p>
      <Segmented label={t("writesIn")} value={speaks.value} choices={languages()}
        onChange={(value) => (speaks.value = value)} />
      <Voices language={speaks.value} onTaken={(persona, { key, room }) =>
        route(withQuery("/welcome", { voice: key, persona: persona.id, room }))} />
      <p><a class="act" href="/personas/new">{t("writeMyOwn")}</a></p>
    </>
  );
}

interface DraftStepProps {
  voice: Key | undefined;
  /** The persona's. */
  id: string;
  /** Its slug; the first room serves for one that isn't there. */
  room: string | undefined;
  draft: string | undefined;
}

function FirstDraft({ voice, id, room, draft }: DraftStepProps) {
  // What this very page writes is shown by what wrote it.
  const before = useSignal(draft).value;
  const hereWith = (post: string) => withQuery("/welcome", { voice, persona: id, room, draft: post });
  const nextWith = (post: string, speaks: string) => withQuery(`/b/${post}`, { voice: voice ?? "", speaks });
  return (
    <>
      <PageHead>{t("firstDraft")}</PageHead>
      <Loaded from={resource("/personas/{id}", { at: { id } })}>{(persona) => before !== undefined
        ? <Written persona={persona} id={before} nextWith={nextWith} />
        : <Loaded from={resource("/rooms")}>{({ rooms }) => {
          const chosen = rooms.find(({ slug }) => slug === room) ?? rooms[0];
          return chosen === undefined
            ? <p class="empty">{t("noRooms")}</p>
            : <Writing persona={persona} room={chosen} hereWith={hereWith} nextWith={nextWith} />;
        }}</Loaded>}
      </Loaded>
    </>
  );
}

const STEPS = ["stepVoice", "stepDraft", "stepAnswers"] as const;

/** Where one is of the three; the last is the battle's own page. */
function Steps({ at }: { at: number }) {
  return (
    <ol class="steps">
      {STEPS.map((word, place) => (
        <li key={word} {...(place === at ? { "aria-current": "step" as const } : {})}>{t(word)}</li>
      ))}
    </ol>
  );
}

export default function Welcome() {
  const { persona, room, draft, voice: asked } = useLocation().query;
  const voice = KEYS.find((key) => key === asked);
  if (persona === undefined) return <div class="wide"><Steps at={0} /><Choice /></div>;
  return <><Steps at={1} /><FirstDraft key={persona} voice={voice} id={persona} room={room} draft={draft} /></>;
}
