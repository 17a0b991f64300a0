import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { useState } from "preact/hooks";
import { act } from "../api";
import { useAct } from "../act";
import { isLeftBehind } from "../first-try";
import { keptForm } from "../keep";
import { Failed } from "../parts/failed";
import { Field } from "../parts/field";
import { PageHead } from "../parts/head";
import { say } from "../parts/toast";
import { takeTyped } from "../served";
import { begin } from "../session";
import { keptText } from "../storage";
import { t } from "../text";

/** Where a mail's link leads: the new password, which is logged in with at once. */
function NewPassword({ token }: { token: string }) {
  const { route } = useLocation();
  const [typed] = useState(() => takeTyped());
  const password = useSignal(typed);
  const save = useAct(async () => {
    const answer = await act("post", "/auth/reset", { body: { token, password: password.value } });
    begin(answer.token);
    say(t("resetDone"));
    route("/", true);
  });
  const submit = (event: Event) => {
    event.preventDefault();
    void save.run();
  };
  const failure = save.failure.value;
  return (
    <>
      <form onSubmit={submit}>
        <Field label={t("newPassword")} name="password" type="password" autocomplete="new-password" required minLength={8}
          hint={t("passwordHint")} value={password.value} onInput={(value) => (password.value = value)} />
        {failure && <Failed failure={failure} />}
        <button type="submit" aria-busy={save.isBusy.value}>{t("save")}</button>
      </form>
      {failure?.code === "invalid_token" && <p><a href="/reset">{t("askAnotherLink")}</a></p>}
      {isLeftBehind(failure, "invalid_token") && <p>{t("firstTry")} <a href="/login">{t("logIn")}</a></p>}
    </>
  );
}

/** Asks for such a mail. The answer is the same whether there is such an account or not. */
function AskForLink() {
  const [form] = useState(() => keptForm("reset", "", { email: keptText("pw.email") ?? "" }));
  const isSent = useSignal(false);
  const send = useAct(async () => {
    await act("post", "/auth/forgot", { body: { email: form.fields.value.email.trim() } });
    form.drop();
    isSent.value = true;
  });
  const submit = (event: Event) => {
    event.preventDefault();
    void send.run();
  };
  if (isSent.value) return <p role="status">{t("linkSent")}</p>;
  return (
    <form onSubmit={submit}>
      <Field label={t("email")} name="email" type="email" autocomplete="username" required hint={t("forgotHint")}
        value={form.fields.value.email} onInput={(value) => form.set("email", value)} />
      {send.failure.value && <Failed failure={send.failure.value} />}
      <button type="submit" aria-busy={send.isBusy.value}>{t("sendLink")}</button>
    </form>
  );
}

export default function Reset() {
  const { query } = useLocation();
  const token = query["token"];
  return (
    <div class="narrow">
      <PageHead>{t("resetTitle")}</PageHead>
      {token ? <NewPassword token={token} /> : <AskForLink />}
    </div>
  );
}
