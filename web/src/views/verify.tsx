import { useSignal } from "@preact/signals";
import { act } from "../api";
import { useAct } from "../act";
import { Failed } from "../parts/failed";
import { PageHead } from "../parts/head";
import { isLoggedIn } from "../session";
import { change } from "../store";
import { t } from "../text";

/** Where a mail's link leads. It is pressed, as mail programs open links by themselves. */
export default function Verify() {
  const isDone = useSignal(false);
  const confirm = useAct(async () => {
    await act("post", "/auth/verify", { body: { token: new URLSearchParams(location.search).get("token") ?? "" } });
    change("/me", {}, (me) => ({ ...me, email_verified: true }));
    isDone.value = true;
  });
  const submit = (event: Event) => {
    event.preventDefault();
    void confirm.run();
  };
  const failure = confirm.failure.value;
  return (
    <div class="narrow">
      <PageHead>{t("verifyTitle")}</PageHead>
      {isDone.value
        ? <><p role="status">{t("verified")}</p><a class="act" href="/">{t("toStart")}</a></>
        : <form onSubmit={submit}>
            {failure && <Failed failure={failure} />}
            <button type="submit" aria-busy={confirm.isBusy.value}>{t("confirm")}</button>
          </form>}
      {failure && isLoggedIn.value && <p><a href="/settings">{t("toSettings")}</a></p>}
    </div>
  );
}
