import { reloadWhereUp } from "../chunk";
import { t } from "../text";
import { PageHead } from "./head";

/** In place of a view that couldn't be loaded. */
export function Broken() {
  return (
    <div class="failed" role="alert">
      <PageHead>{t("notLoaded")}</PageHead>
      <button type="button" class="quiet" onClick={() => void reloadWhereUp().catch(() => undefined)}>{t("tryAgain")}</button>
    </div>
  );
}
