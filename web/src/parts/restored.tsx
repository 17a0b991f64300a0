import type { Fields, Form } from "../keep";
import { t } from "../text";

/** Says that what was typed before came back, and takes it away again. */
export function Restored<F extends Fields>({ form }: { form: Form<F> }) {
  if (!form.isRestored.value) return null;
  return (
    <p class="note" role="status">
      {t("restored")} <button type="button" class="link" onClick={form.drop}>{t("discard")}</button>
    </p>
  );
}
