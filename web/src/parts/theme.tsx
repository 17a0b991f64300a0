import { forget, keepText, keptText } from "../storage";
import { t } from "../text";

const THEME = "pw.theme";

function systemIsDark(): boolean {
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** From what is shown to the other; what the system says anyway isn't kept. */
function turn(): void {
  const isDark = (keptText(THEME) ?? (systemIsDark() ? "dark" : "light")) === "dark";
  const next = isDark ? "light" : "dark";
  if ((next === "dark") === systemIsDark()) forget(THEME);
  else keepText(THEME, next);
  document.documentElement.dataset["theme"] = next;
}

export function ThemeButton() {
  return <button type="button" class="quiet icon" aria-label={t("theme")} onClick={turn}>◐</button>;
}
