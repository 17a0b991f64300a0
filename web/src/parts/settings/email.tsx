import { useSignal } from "@preact/signals";
import { useState } from "preact/hooks";
import { act } from "../../api";
import { useAct } from "../../act";
import type { components } from "../../contract";
import { keptForm } from "../../keep";
import { keepText } from "../../storage";
import { change } from "../../store";
import { t } from "../../text";
import { Failed } from "../failed";
import { Field } from "../field";
import { Restored } from "../restored";
import { say } from "../toast";

type Me = components["schemas"]["Me"];

/** Whether the address is the person's own, and the way to show it. */
function Verification({ me }: { me: Me }) {
  const isSent = useSignal(false);
  const send = useAct(async () => {
    await act("post", "/me/verify", { body: {} });
    isSent.value = true;
  });
  if (me.email_verified) return <p class="hint">{t("emailVerified")}</p>;
  return (
    <>
      <p class="hint">{t("emailNotVerified")}</p>
      {send.failure.value && <Failed failure={send.failure.value} />}
      {isSent.value
        ? <p class="note" role="status">{t("mailSent")}</p>
        : <button type="button" class="quiet" aria-busy={send.isBusy.value} onClick={() => void send.run()}>{t("sendAgain")}</button>}
    </>
  );
}

export function Email({ me }: { me: Me }) {
  const [form] = useState(() => keptForm("email", "", { email: "" }));
  const password = useSignal("");
  const save = useAct(async () => {
    const email = form.fields.value.email.trim();
    const changed = await act("put", "/me", { body: { email, current_password: password.value } });
    form.drop();
    password.value = "";
    keepText("pw.email", changed.email);
    change("/me", {}, () => changed);
    say(t("emailChanged"));
  });
  const submit = (event: Event) => {
    event.preventDefault();
    void save.run();
  };
  const { email } = form.fields.value;
  return (
    <section class="panel setting" aria-labelledby="account">
      <h2 id="account">{t("email")}</h2>
      <p class="own-email"><bdi>{me.email}</bdi></p>
      <Verification key={me.email} me={me} />
      <details class="change" open={form.isRestored.value}>
        <summary>{t("changeEmail")}</summary>
        <form onSubmit={submit}>
          <Restored form={form} />
          <Field label={t("newEmail")} name="email" type="email" autocomplete="email" required value={email}
            onInput={(value) => form.set("email", value)} />
          <Field label={t("currentPassword")} name="current-password" type="password" autocomplete="current-password" required
            value={password.value} onInput={(value) => (password.value = value)} />
          {save.failure.value && <Failed failure={save.failure.value} />}
          <button type="submit" aria-busy={save.isBusy.value}>{t("changeEmail")}</button>
        </form>
      </details>
    </section>
  );
}
