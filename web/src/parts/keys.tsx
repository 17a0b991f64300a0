import { useSignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { go } from "../go";
import { listen, SHOWN } from "../keys";
import { t } from "../text";
import { Dialog } from "./dialog";

function KeyNames({ keys }: { keys: string }) {
  return <>{keys.split(" ").map((key) => <kbd key={key}>{key}</kbd>)}</>;
}

/** A key is pressed by accident sooner than a button: what it publishes is asked for once. */
function Question({ button }: { button: Signal<HTMLElement | undefined> }) {
  const close = () => (button.value = undefined);
  const affirm = () => {
    const asked = button.value;
    close();
    asked?.click();
  };
  return (
    <Dialog title={t("keyPublish")} isOpen={button.value !== undefined} onClose={close}>
      <div class="acts">
        <button type="button" autofocus onClick={affirm}>{button.value?.textContent}</button>
        <button type="button" class="quiet" onClick={close}>{t("cancel")}</button>
      </div>
    </Dialog>
  );
}

/** The keyboard's listener, and its map, which "?" shows. */
export default function Keys({ before }: { before: KeyboardEvent[] }) {
  const isShown = useSignal(false), asked = useSignal<HTMLElement | undefined>(undefined);
  useEffect(() => listen(before, {
    go,
    help: () => (isShown.value = true),
    askBefore: (button) => (asked.value = button),
  }), []);
  return <><Help isShown={isShown} /><Question button={asked} /></>;
}

function Help({ isShown }: { isShown: Signal<boolean> }) {
  return (
    <Dialog title={t("keyHelp")} isOpen={isShown.value} onClose={() => (isShown.value = false)}>
      <dl class="keys">
        {SHOWN.map(({ keys, word }) => (
          <div key={keys}><dt><KeyNames keys={keys} /></dt><dd>{t(word)}</dd></div>
        ))}
      </dl>
      <p class="note">{t("keysOffText")}</p>
    </Dialog>
  );
}
