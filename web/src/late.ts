import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";

const ACTS = ["keydown", "click"];

/** A component that few visits need, loaded when it is wanted first; where it couldn't be, the next key
 * or click tries again. Undefined until it is there. */
export function useLate<P>(isWanted: boolean, load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> | undefined {
  const loaded = useSignal<{ Late: ComponentType<P> } | undefined>(undefined);
  const failures = useSignal(0);
  useEffect(() => {
    if (!isWanted || loaded.value !== undefined) return;
    const tryAgain = () => void failures.value++;
    void load().then(({ default: Late }) => (loaded.value = { Late }),
      () => ACTS.forEach((act) => document.addEventListener(act, tryAgain, { once: true })));
    return () => ACTS.forEach((act) => document.removeEventListener(act, tryAgain));
  }, [isWanted, failures.value]);
  return loaded.value?.Late;
}
