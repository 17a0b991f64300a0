import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { act } from "../api";
import { useAct } from "../act";
import { begin, hasEnded, leave } from "../session";
import { keptText } from "../storage";
import { t } from "../text";
import { Failed } from "./failed";
import { Field } from "./field";

/** The session ended while the page was open: the password is asked over the page, which stays. Acts
 * wait for it, so Escape doesn't put it away. */
export default function Relogin() {
  const dialog = useRef<HTMLDialogElement>(null);
  const email = useSignal(keptText("pw.email") ?? "");
  const password = useSignal("");
  const login = useAct(async () => {
    const { token } = await act("post", "/auth/login", { body: { email: email.value, password: password.value } });
    password.value = "";
    begin(token);
  });
  const isAsked = hasEnded.value;
  useEffect(() => {
    if (isAsked && !dialog.current?.open) dialog.current?.showModal();
    if (!isAsked) dialog.current?.close();
  }, [isAsked]);
  const submit = (event: Event) => {
    event.preventDefault();
    void login.run();
  };
  return (
    <dialog ref={dialog} class="sheet" aria-labelledby="relogin" onCancel={(event) => event.preventDefault()}
      onClose={() => hasEnded.value && dialog.current?.showModal()}>
      {isAsked && <form onSubmit={submit}>
        <h2 id="relogin">{t("expired")}</h2>
        <Field label={t("email")} name="email" type="email" autocomplete="username" value={email.value}
          onInput={(value) => (email.value = value)} />
        <Field label={t("password")} name="password" type="password" autocomplete="current-password" value={password.value}
          onInput={(value) => (password.value = value)} autofocus />
        {login.failure.value && <Failed failure={login.failure.value} />}
        <div class="acts">
          <button type="submit" aria-busy={login.isBusy.value}>{t("logIn")}</button>
          <button type="button" class="quiet" onClick={leave}>{t("logOut")}</button>
        </div>
      </form>}
    </dialog>
  );
}
