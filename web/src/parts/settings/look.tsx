import { useSignal } from "@preact/signals";
import { act } from "../../api";
import { useAct } from "../../act";
import { chooseTheme, theme, type Theme } from "../../chosen-theme";
import { KEYS_OFF } from "../../keys";
import { keepText, keptText } from "../../storage";
import { change } from "../../store";
import { language, speak, t, type Language } from "../../text";
import { Failed } from "../failed";
import { Segmented } from "../persona/segmented";

/** The page speaks it at once; where the server refuses, it is as before. */
function useLanguage() {
  const know = (next: Language) => change("/me", {}, (me) => ({ ...me, language: next }));
  return useAct(async (next: Language) => {
    const before = language.value;
    know(next);
    await speak(next, true);
    try {
      const me = await act("put", "/me", { body: { language: next } });
      change("/me", {}, () => me);
    } catch (problem) {
      know(before);
      await speak(before, true);
      throw problem;
    }
  });
}

export function Look() {
  const speaking = useLanguage();
  const keys = useSignal(keptText(KEYS_OFF) === "off" ? "off" : "on");
  const chooseKeys = (next: string) => {
    keys.value = next;
    keepText(KEYS_OFF, next);
  };
  return (
    <section class="panel setting" aria-labelledby="look">
      <h2 id="look">{t("look")}</h2>
      <Segmented label={t("pageLanguage")} value={language.value} choices={[["en", "English"], ["tr", "Türkçe"]]}
        onChange={(value) => void speaking.run(value as Language)} />
      {speaking.failure.value && <Failed failure={speaking.failure.value} />}
      <Segmented label={t("themeName")} value={theme.value} onChange={(value) => chooseTheme(value as Theme)}
        choices={[["system", t("themeSystem")], ["light", t("themeLight")], ["dark", t("themeDark")]]} />
      <Segmented label={t("singleKeys")} value={keys.value} choices={[["on", t("on")], ["off", t("off")]]} onChange={chooseKeys} />
      <p class="hint">{t("singleKeysHint")}</p>
    </section>
  );
}
