import { useLocation } from "preact-iso";
import { EntryForm } from "../parts/entry";
import { PageHead } from "../parts/head";
import { t } from "../text";

export default function Signup() {
  const isNew = !useLocation().url.startsWith("/login");
  return (
    <div class="narrow">
      <PageHead>{t(isNew ? "signUp" : "logIn")}</PageHead>
      <EntryForm isNew={isNew} />
    </div>
  );
}
