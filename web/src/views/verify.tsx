import { useSignal } from "@preact/signals";
import { act, ask } from "../api";
import { useAct } from "../act";
import { isLeftBehind } from "../first-try";
import { Failed } from "../parts/failed";
import { PageHead } from "../parts/head";
import { isLoggedIn } from "../session";
import { change } from "../store";
import { t } from "../text";

/** Who is logged in can look whether the first try has done it. */
async function unlessVerified(problem: unknown): Promise<void> {
  const isOpen = !isLeftBehind(problem, "invalid_token") || !isLoggedIn.value;
  if (isOpen || !(await ask("get", "/me")).data?.email_verified) throw problem;
}

/** Where a mail's link leads. It is pressed, as mail programs open links by themselves. */
export default function Verify() {
  const isDone = useSignal(false);
  const confirm = useAct(async () => {
    const token = new URLSearchParams(location.search).get("token") ?? "";
    await act("post", "/auth/verify", { body: { token } }).catch(unlessVerified);
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
      {isLeftBehind(failure, "invalid_token") && !isLoggedIn.value && <p>{t("firstTry")} <a href="/login">{t("logIn")}</a></p>}
      {failure && isLoggedIn.value && <p><a href="/settings">{t("toSettings")}</a></p>}
    </div>
  );
}
