import { t } from "../text";
import { turnTheme } from "../chosen-theme";
import { Icon } from "./icon";

export function ThemeButton() {
  return <button type="button" class="quiet icon" aria-label={t("theme")} onClick={turnTheme}><Icon of="theme" /></button>;
}
