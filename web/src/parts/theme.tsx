import { t } from "../text";
import { turnTheme } from "../chosen-theme";

export function ThemeButton() {
  return <button type="button" class="quiet icon" aria-label={t("theme")} onClick={turnTheme}>◐</button>;
}
