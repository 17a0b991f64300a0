// One act of a person: busy while it runs, a second press ignored, its failure shown beside it.
import { useSignal, type Signal } from "@preact/signals";
import { Failure } from "./api";
import { hasEnded } from "./session";

export interface Act<A extends unknown[]> {
  run: (...args: A) => Promise<boolean>;
  isBusy: Signal<boolean>;
  failure: Signal<Failure | undefined>;
}

/** Ends when who was logged out has logged in again. */
function loggedInAgain(): Promise<void> {
  return new Promise((resolve) => {
    const stop = hasEnded.subscribe((ended) => {
      if (ended) return;
      queueMicrotask(() => stop());
      resolve();
    });
  });
}

/** Once more where the session had ended and was begun again: nothing has to be pressed twice. */
async function untilDone<A extends unknown[]>(what: (...args: A) => Promise<void>, args: A): Promise<void> {
  try {
    await what(...args);
  } catch (problem) {
    if (!(problem instanceof Failure) || problem.status !== 401 || !hasEnded.value) throw problem;
    await loggedInAgain();
    await what(...args);
  }
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
      await untilDone(what, args);
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
