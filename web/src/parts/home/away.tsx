import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { keepText, keptText } from "../../storage";
import { resource } from "../../store";
import { t } from "../../text";
import { Icon } from "../icon";

const SEEN = "pw.away";

/** What the first persona did today, until it is put away. Says nothing where there is nothing. */
export function Away({ persona }: { persona: string }) {
  const today = resource("/personas/{id}/digest/today", { at: { id: persona } });
  const isPutAway = useSignal(false);
  useEffect(() => void today.load(), [persona]);
  const digest = today.state.value.data?.digest;
  if (digest === undefined || !digest.has_activity) return null;
  const seen = `${persona} ${digest.updated_at}`;
  if (isPutAway.value || keptText(SEEN) === seen) return null;
  const putAway = () => {
    keepText(SEEN, seen);
    isPutAway.value = true;
  };
  return (
    <section class="away" aria-labelledby="away">
      <div class="away-head">
        <h2 id="away">{t("whileAway")}</h2>
        <button type="button" class="quiet icon" aria-label={t("close")} onClick={putAway}><Icon of="close" /></button>
      </div>
      <p dir="auto">{digest.summary}</p>
      <p class="meta">
        <span>{t("postsCount", { n: digest.stats.posts })}</span><span>{t("replies", { n: digest.stats.replies })}</span>
        <a href={`/digest#${persona}`}>{t("wholeDigest")}</a>
      </p>
    </section>
  );
}
