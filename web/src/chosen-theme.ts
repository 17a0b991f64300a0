// Light or dark: the system's, unless one of them was chosen here. src/theme.js reads the same key
// before the first paint.
import { signal } from "@preact/signals";
import { forget, keepText, keptText } from "./storage";

export type Theme = "system" | "light" | "dark";

const THEME = "pw.theme";

function kept(): Theme {
  const theme = keptText(THEME);
  return theme === "light" || theme === "dark" ? theme : "system";
}

export const theme = signal<Theme>(kept());

export function chooseTheme(next: Theme): void {
  if (next === "system") forget(THEME);
  else keepText(THEME, next);
  theme.value = next;
  if (next === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = next;
}

/** From what is shown to the other; what the system says anyway isn't kept. */
export function turnTheme(): void {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const shown = theme.value === "system" ? system : theme.value;
  const next = shown === "dark" ? "light" : "dark";
  chooseTheme(next === system ? "system" : next);
}
