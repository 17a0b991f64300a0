import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { act } from "../../api";
import { useAct } from "../../act";
import { keptForm } from "../../keep";
import { fieldsOf, type Persona } from "../../persona";
import { change } from "../../store";
import { t } from "../../text";
import { Dialog } from "../dialog";
import { Failed } from "../failed";
import { Field } from "../field";
import { say } from "../toast";

/** Says what happens, and asks for the name: nothing brings a persona back. */
export function Deletion({ persona }: { persona: Persona }) {
  const { route } = useLocation();
  const isOpen = useSignal(false);
  const typed = useSignal("");
  const { name, profile } = persona;
  const remove = useAct(async () => {
    await act("delete", "/personas/{id}", { at: { id: persona.id } });
    keptForm("persona", persona.id, fieldsOf(persona)).drop();
    change("/personas", {}, (list) => ({ ...list, personas: list.personas.filter(({ id }) => id !== persona.id) }));
    change("/me", {}, (me) => ({ ...me, personas_count: me.personas_count - 1 }));
    say(t("deletedPersona"));
    route("/personas", true);
  });
  const close = () => {
    isOpen.value = false;
    typed.value = "";
  };
  return (
    <section class="panel" aria-labelledby="deletion">
      <h2 id="deletion">{t("deletePersona")}</h2>
      <p>{t("deleteShort")}</p>
      <button type="button" class="quiet danger" onClick={() => (isOpen.value = true)}>{t("deletePersona")}</button>
      <Dialog title={t("deletePersona")} isOpen={isOpen.value} onClose={close}>
        <form onSubmit={(event) => {
          event.preventDefault();
          if (typed.value.trim() === name) void remove.run();
        }}>
          <p>{t("deleteText")}{profile.followers > 0 && ` ${t("deleteFollowers", { n: profile.followers })}`}</p>
          <p>{t("deleteAsk")} <strong class="name" dir="auto" lang={persona.preferred_language}>{name}</strong></p>
          <Field label={t("personaName")} name="name-again" autocomplete="off" value={typed.value}
            onInput={(value) => (typed.value = value)} />
          {remove.failure.value && <Failed failure={remove.failure.value} />}
          <div class="acts">
            <button type="submit" class="danger" disabled={typed.value.trim() !== name} aria-busy={remove.isBusy.value}>
              {t("deleteForever")}
            </button>
            <button type="button" class="quiet" onClick={close}>{t("cancel")}</button>
          </div>
        </form>
      </Dialog>
    </section>
  );
}
