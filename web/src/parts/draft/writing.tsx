import { Failure } from "../../api";
import type { Persona } from "../../persona";
import type { Writer } from "../../posts";
import { t } from "../../text";
import { Failed } from "../failed";
import { DraftText } from "./text";

/** What a failure means for who asked the model. A quota's end is hours away: the time beside the
 * quota says when, not a countdown. */
function meaningOf({ status, code, message, requestId, retryAt }: Failure): Failure {
  if (status === 504) return new Failure(status, "model_took_too_long", message, requestId, retryAt);
  return new Failure(status, code, message, requestId, code.startsWith("daily_") ? undefined : retryAt);
}

interface WritingProps {
  writer: Writer;
  persona: Persona;
  onRetry: () => void;
}

/** A draft while it is written, and why it wasn't. */
export function Writing({ writer: { isBusy, failure, text, cancel }, persona, onRetry }: WritingProps) {
  if (failure.value !== undefined) {
    const shown = meaningOf(failure.value);
    return <Failed failure={shown} {...(shown.code.startsWith("daily_") ? {} : { onRetry })} />;
  }
  if (!isBusy.value) return null;
  return (
    <>
      <DraftText persona={persona} content={text} isWriting />
      <p class="acts"><button type="button" class="quiet" onClick={cancel}>{t("cancel")}</button></p>
    </>
  );
}
