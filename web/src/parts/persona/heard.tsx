import type { Heard } from "../../heard";
import { itemsOf, SAMPLES, voiceFields, type PersonaFields } from "../../persona";
import { t } from "../../text";
import { formalities } from "./fields";
import { languages } from "./languages";

/** Two texts side by side, finished or as they come. */
export function Pair({ texts, lang }: { texts: { label: string; content: string }[]; lang: string }) {
  return (
    <div class="two">
      {texts.map(({ label, content }, place) => (
        <article key={label}>
          <h3>{t("take", { n: place + 1 })}</h3>
          <p class="text" dir="auto" lang={lang}>{content}</p>
        </article>
      ))}
    </div>
  );
}

type Then = ReturnType<typeof voiceFields>;

/** Where a voice isn't the one in the form any more, in words. */
function differences(then: Then, now: PersonaFields): [string, string][] {
  const language = (value: string) => languages().find(([key]) => key === value)?.[1] ?? value;
  const list = (value: string) => itemsOf(value).join(" · ") || t("none");
  const words: [keyof Then, string, (value: string) => string][] = [
    ["name", t("personaName"), String], ["bio", t("bio"), String], ["tone", t("tone"), String],
    ["language", t("writesIn"), language],
    ["formality", t("formality"), (value) => formalities()[Number(value)] ?? value],
    ...SAMPLES.map((name, place): [keyof Then, string, (value: string) => string] =>
      [name, t("sample", { n: place + 1 }), String]),
    ["catchphrases", t("catchphrases"), list], ["neverSaid", t("neverSaid"), list],
  ];
  return words.filter(([name]) => then[name] !== now[name])
    .map(([name, word, shown]) => [word, shown(then[name]) || t("none")]);
}

interface EarlierProps {
  heard: Heard;
  fields: PersonaFields;
  onTake: (voice: Then) => void;
}

/** An earlier preview, with the fields it came from where they were others. */
export function Earlier({ heard, fields, onTake }: EarlierProps) {
  const then = voiceFields(heard.voice), others = differences(then, fields), lang = heard.voice.preferred_language;
  return (
    <li class="earlier">
      <p class="fine"><bdi>{heard.room}</bdi></p>
      <Pair texts={heard.texts} lang={lang} />
      {others.length === 0
        ? <p class="fine">{t("heardWithThese")}</p>
        : <>
          <dl class="differences">
            {others.map(([word, value]) => (
              <div key={word}><dt>{word}</dt><dd dir="auto" lang={lang}>{value}</dd></div>
            ))}
          </dl>
          <button type="button" class="quiet" onClick={() => onTake(then)}>{t("takeThese")}</button>
        </>}
    </li>
  );
}
