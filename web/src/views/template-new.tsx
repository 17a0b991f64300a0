import { useLocation } from "preact-iso";
import { useState } from "preact/hooks";
import { act } from "../api";
import { useAct } from "../act";
import { keptForm } from "../keep";
import { PageHead } from "../parts/head";
import { TemplateForm } from "../parts/template/form";
import { say } from "../parts/toast";
import { bodyOf, knowTemplate, NEW } from "../template";
import { t } from "../text";

export default function NewTemplate() {
  const { route } = useLocation();
  const [form] = useState(() => keptForm("template", "", NEW));
  const save = useAct(async () => {
    const template = await act("post", "/templates", { body: bodyOf(form.fields.value) });
    form.drop();
    knowTemplate(template);
    say(t("saved"));
    route(`/templates?mine=1&template=${template.id}`, true);
  });
  return (
    <>
      <PageHead>{t("newTemplate")}</PageHead>
      <div class="panel"><TemplateForm form={form} save={save} /></div>
    </>
  );
}
