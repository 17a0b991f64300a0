import { useSignal } from "@preact/signals";
import { act } from "../../api";
import { useAct } from "../../act";
import type { components } from "../../contract";
import { logInInstead } from "../../first-try";
import { begin } from "../../session";
import { resource } from "../../store";
import { t } from "../../text";
import { Failed } from "../failed";
import { Field } from "../field";
import { say } from "../toast";

/** The e-mail is there for the browser, which keeps passwords by it. */
export function Password({ me }: { me: components["schemas"]["Me"] }) {
  const isOpen = useSignal(false);
  const before = useSignal(""), next = useSignal("");
  const save = useAct(async () => {
    const { token } = await act("put", "/me/password", {
      body: { current_password: before.value, new_password: next.value },
    }).catch((problem) => logInInstead(problem, "wrong_password", { email: me.email, password: next.value }));
    begin(token);
    before.value = next.value = "";
    isOpen.value = false;
    say(t("passwordChanged"));
    void resource("/me/sessions").load();
  });
  const submit = (event: Event) => {
    event.preventDefault();
    void save.run();
  };
  return (
    <section class="panel setting" aria-labelledby="password">
      <h2 id="password">{t("password")}</h2>
      <details class="change" open={isOpen.value} onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
        <summary>{t("changePassword")}</summary>
        <form onSubmit={submit}>
          <input type="hidden" name="username" autocomplete="username" value={me.email} />
          <Field label={t("currentPassword")} name="before" type="password" autocomplete="current-password" required
            value={before.value} onInput={(value) => (before.value = value)} />
          <Field label={t("newPassword")} name="next" type="password" autocomplete="new-password" required minLength={8}
            hint={`${t("passwordHint")} ${t("changePasswordHint")}`} value={next.value} onInput={(value) => (next.value = value)} />
          {save.failure.value && <Failed failure={save.failure.value} />}
          <button type="submit" aria-busy={save.isBusy.value}>{t("changePassword")}</button>
        </form>
      </details>
    </section>
  );
}
