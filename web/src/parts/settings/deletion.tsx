import { useSignal } from "@preact/signals";
import { act } from "../../api";
import { useAct } from "../../act";
import { forgetForms } from "../../keep";
import { leave } from "../../session";
import { forget } from "../../storage";
import { t } from "../../text";
import { Dialog } from "../dialog";
import { Failed } from "../failed";
import { Field } from "../field";

/** Says what happens, and asks for the password. Nothing that was typed here stays in the browser. */
export function AccountDeletion() {
  const isOpen = useSignal(false);
  const password = useSignal("");
  const remove = useAct(async () => {
    await act("delete", "/me", { body: { password: password.value } });
    forgetForms();
    forget("pw.email");
    leave();
  });
  const close = () => {
    isOpen.value = false;
    password.value = "";
    remove.failure.value = undefined;
  };
  const submit = (event: Event) => {
    event.preventDefault();
    void remove.run();
  };
  return (
    <section class="panel setting" aria-labelledby="delete-account">
      <h2 id="delete-account">{t("deleteAccount")}</h2>
      <p class="hint">{t("deleteAccountShort")}</p>
      <button type="button" class="quiet danger" onClick={() => (isOpen.value = true)}>{t("deleteAccount")}</button>
      <Dialog title={t("deleteAccount")} isOpen={isOpen.value} onClose={close}>
        <form onSubmit={submit}>
          <p>{t("deleteAccountText")}</p>
          <p>{t("deleteAccountFirst")}</p>
          <Field label={t("currentPassword")} name="password" type="password" autocomplete="current-password" required
            value={password.value} onInput={(value) => (password.value = value)} />
          {remove.failure.value && <Failed failure={remove.failure.value} />}
          <div class="acts">
            <button type="submit" class="danger" disabled={password.value === ""} aria-busy={remove.isBusy.value}>
              {t("deleteForever")}
            </button>
            <button type="button" class="quiet" onClick={close}>{t("cancel")}</button>
          </div>
        </form>
      </Dialog>
    </section>
  );
}
