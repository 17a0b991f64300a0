import { useSignal } from "@preact/signals";
import { act, Failure } from "../../api";
import { useAct } from "../../act";
import { chooseTheme, theme, type Theme } from "../../chosen-theme";
import { KEYS_OFF, keepText, keptText } from "../../storage";
import { change } from "../../store";
import { language, speak, t, type Language } from "../../text";
import { Failed } from "../failed";
import { Segmented } from "../persona/segmented";

/** The choice is shown at once, and spoken when it is stored: its words may have to come first, and
 * where they don't, the page is loaded anew, which would take what is on its way along. */
function useLanguage() {
  const wanted = useSignal(language.value);
  const saving = useAct(async (next: Language) => {
    wanted.value = next;
    const me = await act("put", "/me", { body: { language: next } });
    change("/me", {}, () => me);
    await speak(next, true).catch(() => {
      throw new Failure(0, "offline", "its words aren't to be had", undefined, undefined);
    });
  });
  return { saving, chosen: saving.isBusy.value ? wanted.value : language.value };
}

export function Look() {
  const { saving, chosen } = useLanguage();
  const keys = useSignal(keptText(KEYS_OFF) === "off" ? "off" : "on");
  const chooseKeys = (next: string) => {
    keys.value = next;
    keepText(KEYS_OFF, next);
  };
  return (
    <section class="panel setting" aria-labelledby="look">
      <h2 id="look">{t("look")}</h2>
      <Segmented label={t("pageLanguage")} value={chosen} choices={[["en", "English"], ["tr", "Türkçe"]]}
        onChange={(value) => void saving.run(value as Language)} />
      {saving.failure.value && <Failed failure={saving.failure.value} />}
      <Segmented label={t("themeName")} value={theme.value} onChange={(value) => chooseTheme(value as Theme)}
        choices={[["system", t("themeSystem")], ["light", t("themeLight")], ["dark", t("themeDark")]]} />
      <Segmented label={t("singleKeys")} value={keys.value} choices={[["on", t("on")], ["off", t("off")]]} onChange={chooseKeys} />
      <p class="hint">{t("singleKeysHint")}</p>
    </section>
  );
}
