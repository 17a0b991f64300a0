import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Failure } from "../api";
import { clock, failureText, t } from "../text";

/** Seconds until `at`, counted down. */
function useSecondsUntil(at: number | undefined): number {
  const left = useSignal(0);
  useEffect(() => {
    const count = () => (left.value = Math.max(0, Math.ceil(((at ?? 0) - Date.now()) / 1000)));
    count();
    const timer = setInterval(count, 1000);
    return () => clearInterval(timer);
  }, [at]);
  return left.value;
}

/** A longer wait is said as the time of its end: a quota's is hours. */
const COUNTED_MAX_S = 120;

/** What failed, and the button that tries again when that makes sense. */
export function Failed({ failure, onRetry }: { failure: Failure; onRetry?: () => void }) {
  const left = useSecondsUntil(failure.retryAt);
  const isCounted = failure.isLimit && left > 0 && left <= COUNTED_MAX_S;
  return (
    <div class="failed" role="alert">
      <p>{isCounted ? t("limited", { s: left }) : failureText(failure)}</p>
      {left > COUNTED_MAX_S && <p>{t("againAt", { time: clock(failure.retryAt ?? 0) })}</p>}
      {failure.requestId && <p class="fine">{t("request", { id: failure.requestId })}</p>}
      {onRetry && <button type="button" class="quiet" disabled={left > 0} onClick={onRetry}>{t("tryAgain")}</button>}
    </div>
  );
}
