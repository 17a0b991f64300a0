// The last of the first minute, where the second voice was offered: what one can do from here on.
import { useSignal } from "@preact/signals";
import { keepText, keptText } from "../../storage";
import { apart, t } from "../../text";
import type { Thread } from "../../thread";
import { Icon } from "../icon";

const TOUR = "pw.tour", DONE = "done";

interface TourProps {
  thread: Thread;
  onShare: () => void;
}

/** Three lines, until they are put away: then they never come again. */
export default function Tour({ thread: { post: { persona_id, persona_name } }, onShare }: TourProps) {
  const isDone = useSignal(keptText(TOUR) === DONE);
  if (isDone.value) return null;
  const close = () => {
    keepText(TOUR, DONE);
    isDone.value = true;
    document.querySelector("h1")?.focus();
  };
  return (
    <section class="panel tour" aria-labelledby="tour">
      <div class="dialog-head">
        <h2 id="tour">{t("tour")}</h2>
        <button type="button" class="quiet icon" aria-label={t("close")} onClick={close}><Icon of="close" /></button>
      </div>
      <ul>
        {persona_id !== undefined && (
          <li><a href={`/personas/${persona_id}`}>{t("tourVoice", { name: apart(persona_name ?? "") })}</a></li>
        )}
        <li><button type="button" class="link" onClick={onShare}>{t("tourShare")}</button></li>
        <li><a href="/">{t("tourFollow")}</a></li>
      </ul>
    </section>
  );
}
