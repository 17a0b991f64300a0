import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { components } from "../../contract";
import { keepText, keptText } from "../../storage";
import { resource } from "../../store";
import { t } from "../../text";
import { Icon } from "../icon";

const DISMISSED = "pw.away";

function AwayOf({ id, name, preferred_language: lang }: components["schemas"]["Persona"]) {
  const from = resource("/personas/{id}/digest/today", { at: { id } });
  const dismissed = useSignal(keptText(DISMISSED));
  useEffect(() => void from.load(), [id]);
  const { data } = from.state.value;
  const version = `${id} ${data?.digest.updated_at ?? ""}`;
  if (data === undefined || !data.exists || !data.digest.has_activity || dismissed.value === version) return null;
  const { summary, stats } = data.digest;
  const dismiss = () => {
    keepText(DISMISSED, version);
    dismissed.value = version;
  };
  return (
    <section class="card away" aria-labelledby="away">
      <div class="dialog-head">
        <h2 id="away">{t("whileAway")}</h2>
        <button type="button" class="quiet icon" aria-label={t("close")} onClick={dismiss}><Icon of="close" /></button>
      </div>
      <p dir="auto" lang={lang}>{summary}</p>
      <p class="fine"><bdi>{name}</bdi> · {t("posts", { n: stats.posts })} · {t("replies", { n: stats.replies })}</p>
      <a class="go-on" href="/digest">{t("digest")}</a>
    </section>
  );
}

/** What the first of one's personas did today, until it is put away. */
export function Away() {
  const persona = resource("/personas").state.value.data?.personas[0];
  return persona === undefined ? null : <AwayOf key={persona.id} {...persona} />;
}
