import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import { listen, SHOWN } from "../keys";
import { isHere } from "../routes";
import { t } from "../text";
import { Dialog } from "./dialog";

function KeyNames({ keys }: { keys: string }) {
  return <>{keys.split(" ").map((key) => <kbd key={key}>{key}</kbd>)}</>;
}

/** The keyboard's listener, and its map, which "?" shows. */
export default function Keys({ before }: { before: KeyboardEvent[] }) {
  const { route } = useLocation();
  const isShown = useSignal(false);
  useEffect(() => listen(before, (path) => (isHere(path) ? route(path) : location.assign(path)), () => (isShown.value = true)), []);
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
