import { useSignal } from "@preact/signals";
import { useState } from "preact/hooks";
import { act, remove } from "../../api";
import { useAct } from "../../act";
import { keptForm } from "../../keep";
import { bodyOf, fieldsOf, forgetTemplate, knowTemplate, type Template } from "../../template";
import { t } from "../../text";
import { Dialog } from "../dialog";
import { Failed } from "../failed";
import { say } from "../toast";
import { TemplateForm } from "./form";

interface OwnProps {
  template: Template;
}

/** What its owner may do with a template. */
export function OwnActs({ template }: OwnProps) {
  const open = useSignal<"edit" | "delete" | undefined>(undefined);
  const close = () => (open.value = undefined);
  return (
    <>
      <button type="button" class="quiet" onClick={() => (open.value = "edit")}>{t("edit")}</button>
      <button type="button" class="quiet danger" onClick={() => (open.value = "delete")}>{t("delete")}</button>
      <Dialog title={t("editTemplate")} isOpen={open.value === "edit"} onClose={close}>
        <Edit template={template} onDone={close} />
      </Dialog>
      <Dialog title={t("deleteTemplate")} isOpen={open.value === "delete"} onClose={close}>
        <Deletion template={template} onCancel={close} />
      </Dialog>
    </>
  );
}

function Edit({ template, onDone }: OwnProps & { onDone: () => void }) {
  const [form] = useState(() => keptForm("template", template.id, fieldsOf(template)));
  const save = useAct(async () => {
    const body = bodyOf(form.fields.value);
    const changed = await act("put", "/templates/{id}", { at: { id: template.id }, body });
    form.drop();
    onDone();
    knowTemplate(changed);
    say(t("saved"));
  });
  return <TemplateForm form={form} save={save} />;
}

/** Goes on at the page's heading: the card that had the focus is gone. */
function Deletion({ template, onCancel }: OwnProps & { onCancel: () => void }) {
  const deletion = useAct(async () => {
    await remove("/templates/{id}", { at: { id: template.id } });
    keptForm("template", template.id, fieldsOf(template)).drop();
    forgetTemplate(template.id);
    requestAnimationFrame(() => document.querySelector("h1")?.focus());
    say(t("templateDeleted"));
  });
  return (
    <>
      <p><strong class="name" dir="auto">{template.name}</strong></p>
      <p>{t("deleteTemplateText")}</p>
      {deletion.failure.value && <Failed failure={deletion.failure.value} />}
      <div class="acts">
        <button type="button" class="danger" aria-busy={deletion.isBusy.value} onClick={() => void deletion.run()}>{t("deleteForever")}</button>
        <button type="button" class="quiet" onClick={onCancel}>{t("cancel")}</button>
      </div>
    </>
  );
}
