import { reloadWhereUp } from "../chunk";
import { t } from "../text";

/** In place of a view that couldn't be loaded. */
export function Broken() {
  return (
    <div class="failed" role="alert">
      <p>{t("notLoaded")}</p>
      <button type="button" class="quiet" onClick={() => void reloadWhereUp().catch(() => undefined)}>{t("tryAgain")}</button>
    </div>
  );
}
