import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";

/** A component that few visits need, loaded when it is wanted first. Undefined before that, and where
 * it couldn't be loaded. */
export function useLate<P>(isWanted: boolean, load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> | undefined {
  const loaded = useSignal<{ Late: ComponentType<P> } | undefined>(undefined);
  useEffect(() => {
    if (isWanted && loaded.value === undefined)
      void load().then(({ default: Late }) => (loaded.value = { Late }), () => undefined);
  }, [isWanted]);
  return loaded.value?.Late;
}
