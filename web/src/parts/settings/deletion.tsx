import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { act } from "../../api";
import { useAct } from "../../act";
import { forgetForms } from "../../keep";
import { hasEnded, leave } from "../../session";
import { forget } from "../../storage";
import { t } from "../../text";
import { Field } from "../field";
import { ForGood } from "../for-good";

/** Says what happens, and asks for the password. Nothing that was typed here stays in the browser. */
export function AccountDeletion() {
  const password = useSignal("");
  const remove = useAct(async () => {
    await act("delete", "/me", { body: { password: password.value } });
    forgetForms();
    forget("pw.email");
    leave();
  });
  // A try that had no answer was carried out, as the token isn't taken any more; or the session ended
  // by itself, so what was typed stays.
  const isGone = remove.failure.value?.isOffline === true && hasEnded.value;
  useEffect(() => {
    if (!isGone) return;
    forget("pw.email");
    leave();
  }, [isGone]);
  return (
    <ForGood id="delete-account" class="setting" title={t("deleteAccount")} short={t("deleteAccountShort")} deletion={remove}
      isSure={password.value !== ""} onClose={() => (password.value = "")}>
      <p>{t("deleteAccountText")}</p>
      <p>{t("deleteAccountFirst")}</p>
      <Field label={t("currentPassword")} name="password" type="password" autocomplete="current-password" required
        value={password.value} onInput={(value) => (password.value = value)} />
    </ForGood>
  );
}
