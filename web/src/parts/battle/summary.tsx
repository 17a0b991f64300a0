import { t } from "../../text";
import type { Thread } from "../../thread";

const STATES = { fresh: "summaryFresh", stale: "summaryStale", unavailable: "summaryNone" } as const;

/** It always says in one line how it stands, so that nothing moves when that changes. */
export function Summary({ thread: { ai_summary, ai_summary_status } }: { thread: Thread }) {
  return (
    <section class="summary">
      <h2>{t("summary")}</h2>
      {ai_summary_status !== "unavailable" && <p class="text" dir="auto" lang="">{ai_summary}</p>}
      <p class="note">{t(STATES[ai_summary_status])}</p>
    </section>
  );
}
