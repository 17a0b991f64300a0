import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { remove } from "../../api";
import { useAct } from "../../act";
import { keptForm } from "../../keep";
import { fieldsOf, type Persona } from "../../persona";
import { change } from "../../store";
import { t } from "../../text";
import { Field } from "../field";
import { ForGood } from "../for-good";
import { say } from "../toast";

/** Says what happens, and asks for the name: nothing brings a persona back. */
export function Deletion({ persona }: { persona: Persona }) {
  const { route } = useLocation();
  const typed = useSignal("");
  const { name, profile } = persona;
  const deletion = useAct(async () => {
    await remove("/personas/{id}", { at: { id: persona.id } });
    keptForm("persona", persona.id, fieldsOf(persona)).drop();
    change("/personas", {}, (list) => ({ ...list, personas: list.personas.filter(({ id }) => id !== persona.id) }));
    change("/me", {}, (me) => ({ ...me, personas_count: me.personas_count - 1 }));
    say(t("deletedPersona"));
    route("/personas", true);
  });
  return (
    <ForGood id="deletion" title={t("deletePersona")} short={t("deleteShort")} deletion={deletion}
      isSure={typed.value.trim() === name} onClose={() => (typed.value = "")}>
      <p>{t("deleteText")}{profile.followers > 0 && ` ${t("deleteFollowers", { n: profile.followers })}`}</p>
      <p>{t("deleteAsk")} <strong class="name" dir="auto" lang={persona.preferred_language}>{name}</strong></p>
      <Field label={t("personaName")} name="name-again" autocomplete="off" value={typed.value}
        onInput={(value) => (typed.value = value)} />
    </ForGood>
  );
}
