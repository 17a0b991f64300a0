// One act of a person: busy while it runs, a second press ignored, its failure shown beside it.
import { useSignal, type Signal } from "@preact/signals";
import { Failure } from "./api";

export interface Act<A extends unknown[]> {
  run: (...args: A) => Promise<boolean>;
  isBusy: Signal<boolean>;
  failure: Signal<Failure | undefined>;
}

/** `run` is true where the act was done. A failure stays until the next try. */
export function useAct<A extends unknown[]>(what: (...args: A) => Promise<void>): Act<A> {
  const isBusy = useSignal(false);
  const failure = useSignal<Failure | undefined>(undefined);
  const run = async (...args: A) => {
    if (isBusy.value) return false;
    isBusy.value = true;
    failure.value = undefined;
    try {
      await what(...args);
      return true;
    } catch (problem) {
      if (!(problem instanceof Failure)) throw problem;
      failure.value = problem;
      return false;
    } finally {
      isBusy.value = false;
    }
  };
  return { run, isBusy, failure };
}
