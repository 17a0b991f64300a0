import { useSignal } from "@preact/signals";
import { useState } from "preact/hooks";
import { act } from "../api";
import { useAct } from "../act";
import { logInInstead } from "../first-try";
import { go } from "../go";
import { keptForm } from "../keep";
import { withRemix } from "../next";
import { takeTyped } from "../served";
import { begin } from "../session";
import { forget, keepText, keptText } from "../storage";
import { t } from "../text";
import { isWish, safeNext } from "../wish";
import { Failed } from "./failed";
import { Field } from "./field";

const SHARE = "pw.share";
const form = keptForm("signup", "", { email: "" });

/** What the link asked for; who is new and asked for nothing gets a first voice. */
function whereTo(isNew: boolean): string {
  if (isWish(location)) return location.pathname + location.search + location.hash;
  const asked = new URLSearchParams(location.search);
  const next = safeNext(asked.get("next"));
  if (asked.get("remix") === "1") return withRemix(next);
  return isNew && next === "/" ? "/welcome" : next;
}

/** The other form leads to the same. */
function otherQuery(): string {
  return isWish(location) ? `?next=${encodeURIComponent(location.pathname + location.search + location.hash)}` : location.search;
}

/** The profile whose link brought the person here: the link's word, else the last one looked at. */
function shareSlug(): { share_slug?: string } {
  const slug = new URLSearchParams(location.search).get("share") ?? keptText(SHARE);
  return slug ? { share_slug: slug } : {};
}

/** Signing up or logging in, and the way to the other. As the server writes it: add_form in
 * api/pages/entry.c. */
export function EntryForm({ isNew }: { isNew: boolean }) {
  const [typed] = useState(() => takeTyped(form));
  const password = useSignal(typed);
  const email = form.fields.value.email;
  const enter = useAct(async () => {
    const body = { email, password: password.value };
    const { token } = isNew
      ? await act("post", "/auth/signup", { body: { ...body, ...shareSlug() } })
        .catch((problem) => logInInstead(problem, "email_already_registered", body))
      : await act("post", "/auth/login", { body });
    keepText("pw.email", email.trim());
    forget(SHARE);
    form.drop();
    begin(token);
    go(whereTo(isNew));
  });
  const submit = (event: Event) => {
    event.preventDefault();
    void enter.run();
  };
  return (
    <>
      <form onSubmit={submit}>
        <Field label={t("email")} name="email" type="email" autocomplete="username" value={email} required
          onInput={(value) => form.set("email", value)} />
        <Field label={t("password")} name="password" type="password" value={password.value} required minLength={8}
          autocomplete={isNew ? "new-password" : "current-password"} {...(isNew ? { hint: t("passwordHint") } : {})}
          onInput={(value) => (password.value = value)} />
        {enter.failure.value && <Failed failure={enter.failure.value} />}
        <button type="submit" aria-busy={enter.isBusy.value}>{t(isNew ? "start" : "logIn")}</button>
      </form>
      {!isNew && <p><a href="/reset">{t("forgotPassword")}</a></p>}
      <p>
        {t(isNew ? "haveAccount" : "noAccount")}{" "}
        <a href={(isNew ? "/login" : "/signup") + otherQuery()}>{t(isNew ? "logIn" : "signUp")}</a>
      </p>
    </>
  );
}
