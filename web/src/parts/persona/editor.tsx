import { useLocation } from "preact-iso";
import { useEffect, useRef, useState } from "preact/hooks";
import { act } from "../../api";
import { useAct } from "../../act";
import { keptForm, type Form } from "../../keep";
import { bodyOf, fieldsOf, LISTS, MAX, newFields, SAMPLES, type Persona, type PersonaFields } from "../../persona";
import { change } from "../../store";
import { language, t } from "../../text";
import { Failed } from "../failed";
import { codePoints } from "../field";
import { Restored } from "../restored";
import { say } from "../toast";
import { LimitFields, VoiceFields } from "./fields";
import { Listen } from "./listen";

const NAMES = Object.keys(newFields("en")) as (keyof PersonaFields)[];

function beginOf(persona: Persona | undefined): PersonaFields {
  return persona === undefined ? newFields(language.value) : fieldsOf(persona);
}

function formOf(persona: Persona | undefined): Form<PersonaFields> {
  return keptForm("persona", persona?.id ?? "new", beginOf(persona));
}

function isSame(some: PersonaFields, others: PersonaFields): boolean {
  return NAMES.every((name) => some[name] === others[name]);
}

/** Each counter says which one it is. */
function isTooLong(fields: PersonaFields): boolean {
  const bounds = { ...MAX, catchphrasesTyped: LISTS.catchphrases.length, neverSaidTyped: LISTS.neverSaid.length };
  const { sample, ...others } = bounds;
  return Object.entries(others).some(([name, max]) => codePoints(fields[name as keyof PersonaFields]) > max)
    || SAMPLES.some((name) => codePoints(fields[name]) > sample);
}

/** What was saved is what the form begins with from now on; what was typed meanwhile stays. */
function nextForm(form: Form<PersonaFields>, sent: PersonaFields, saved: Persona): Form<PersonaFields> {
  const typed = form.fields.value;
  form.drop();
  const next = formOf(saved);
  for (const name of NAMES) if (typed[name] !== sent[name]) next.set(name, typed[name]);
  return next;
}

export function Editor({ persona }: { persona?: Persona }) {
  const { route } = useLocation();
  const element = useRef<HTMLFormElement>(null);
  const [{ form, base }, begin] = useState(() => ({ form: formOf(persona), base: persona }));
  const fields = form.fields.value;
  const isChanged = !isSame(fields, beginOf(base));
  useEffect(() => {
    // It was changed elsewhere, and nothing was typed here.
    if (persona === undefined || persona.updated_at === base?.updated_at || isChanged) return;
    begin({ form: formOf(persona), base: persona });
  }, [persona?.updated_at]);
  const save = useAct(async () => {
    const body = bodyOf(fields);
    if (persona === undefined) {
      const created = await act("post", "/personas", { body });
      form.drop();
      change("/me", {}, (me) => ({ ...me, personas_count: me.personas_count + 1 }));
      say(t("saved"));
      route(`/personas/${created.id}`, true);
      return;
    }
    const saved = await act("put", "/personas/{id}", { at: { id: persona.id }, body });
    begin({ form: nextForm(form, fields, saved), base: saved });
    change("/personas/{id}", { at: { id: persona.id } }, () => saved);
    say(t("saved"));
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
      event.preventDefault();
      element.current?.requestSubmit();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  const tooLong = isTooLong(fields);
  return (
    <div class="editor">
      <form ref={element} onSubmit={(event) => {
        event.preventDefault();
        if (!tooLong) void save.run();
      }}>
        <Restored form={form} />
        <VoiceFields form={form} />
        <LimitFields form={form} isNew={persona === undefined} />
        {save.failure.value && <Failed failure={save.failure.value} />}
        <div class="savebar">
          <button type="submit" aria-busy={save.isBusy.value} aria-keyshortcuts="Control+S Meta+S">{t("save")}</button>
          <p class={tooLong ? "error" : "fine"} role="status">
            {tooLong ? t("tooLong") : isChanged ? t("notSavedYet") : persona === undefined ? "" : t("allSaved")}
          </p>
          <a class="act" href="#listen">{t("howItSounds")}</a>
        </div>
      </form>
      <Listen persona={persona} fields={fields} onTake={(voice) => Object.entries(voice).forEach(([name, value]) =>
        form.set(name as keyof PersonaFields, value))} />
    </div>
  );
}
