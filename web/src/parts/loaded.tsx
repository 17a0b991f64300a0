import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Resource } from "../store";
import { clock, t } from "../text";
import { Failed } from "./failed";

/** What was read, its skeleton until then, and its failure beside what is still known. */
export function Loaded<T>({ from, children }: { from: Resource<T>; children: (data: T) => ComponentChildren }) {
  useEffect(() => void from.load(), [from.state]);
  const { data, failure, at } = from.state.value;
  return (
    <>
      {failure && <Failed failure={failure} onRetry={() => void from.load()} />}
      {failure && data !== undefined && <p class="fine">{t("from", { time: clock(at) })}</p>}
      {data !== undefined ? children(data) : !failure && <Skeleton />}
    </>
  );
}

function Skeleton() {
  return (
    <div class="skeleton" role="status" aria-label={t("loading")}>
      <div /><div /><div />
    </div>
  );
}
