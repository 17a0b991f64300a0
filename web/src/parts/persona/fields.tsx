import type { Form } from "../../keep";
import { LISTS, MAX, SAMPLES, type PersonaFields } from "../../persona";
import { t } from "../../text";
import { Field } from "../field";
import { Chips } from "./chips";
import { languages } from "./languages";
import { Segmented } from "./segmented";
import { Slider } from "./slider";

interface FieldsProps {
  form: Form<PersonaFields>;
}

export function formalities(): string[] {
  return [t("formality0"), t("formality1"), t("formality2"), t("formality3")];
}

/** What the model is told of a persona. */
export function VoiceFields({ form }: FieldsProps) {
  const fields = form.fields.value, lang = fields.language;
  const text = (name: keyof PersonaFields) => ({
    name, value: fields[name], lang, onInput: (value: string) => form.set(name, value),
  });
  return (
    <section class="panel" aria-labelledby="voice">
      <h2 id="voice">{t("voice")}</h2>
      <Field label={t("personaName")} max={MAX.name} required {...text("name")} />
      <Field label={t("bio")} hint={t("bioHint")} max={MAX.bio} rows={3} {...text("bio")} />
      <Field label={t("tone")} hint={t("toneHint")} max={MAX.tone} {...text("tone")} />
      <Segmented label={t("writesIn")} value={lang} choices={languages()}
        onChange={(value) => form.set("language", value)} />
      <Slider label={t("formality")} value={Number(fields.formality)} words={formalities()}
        onInput={(value) => form.set("formality", String(value))} />
      <fieldset class="samples">
        <legend>{t("samples")}</legend>
        <p class="hint">{t("samplesHint")}</p>
        {SAMPLES.map((sample, place) => (
          <Field key={sample} label={t("sample", { n: place + 1 })} max={MAX.sample} rows={2} required
            {...text(sample)} />
        ))}
      </fieldset>
      <Chips label={t("catchphrases")} hint={t("catchphrasesHint")} name="catchphrasesTyped" lang={lang}
        bounds={LISTS.catchphrases}
        value={fields.catchphrases} onChange={(value) => form.set("catchphrases", value)}
        typed={fields.catchphrasesTyped} onTyped={(value) => form.set("catchphrasesTyped", value)} />
      <Chips label={t("neverSaid")} hint={t("neverSaidHint")} name="neverSaidTyped" lang={lang} bounds={LISTS.neverSaid}
        value={fields.neverSaid} onChange={(value) => form.set("neverSaid", value)}
        typed={fields.neverSaidTyped} onTyped={(value) => form.set("neverSaidTyped", value)} />
    </section>
  );
}

/** How much a persona may write a day. A new one gets the usual where nothing is said. */
export function LimitFields({ form, isNew }: FieldsProps & { isNew: boolean }) {
  const quota = (name: "draftQuota" | "replyQuota") => (
    <Field label={t(name)} name={name} value={form.fields.value[name]} inputMode="numeric" pattern="[1-9][0-9]{0,11}"
      required={!isNew} {...(isNew ? { hint: t("quotaHint") } : {})} onInput={(value) => form.set(name, value)} />
  );
  return (
    <section class="panel" aria-labelledby="limits">
      <h2 id="limits">{t("limits")}</h2>
      <div class="pair">{quota("draftQuota")}{quota("replyQuota")}</div>
      <p class="hint">{t("limitsHint")}</p>
    </section>
  );
}
