// The sheets over a battle, each loaded when it is first opened: few readers open one.
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { Failure } from "../../api";
import { withPart } from "../../part";
import { t } from "../../text";
import type { Thread } from "../../thread";
import { say } from "../toast";

export type SheetName = "share" | "remix" | "ask" | "delete";

export interface SheetProps {
  thread: Thread;
  /** That a link to a remix asks for. */
  template: string | undefined;
  isOpen: boolean;
  onClose: () => void;
  /** The thread isn't as it was. */
  onChanged: () => void;
}

const SHEETS: Record<SheetName, () => Promise<{ default: ComponentType<SheetProps> }>> = {
  share: () => import("./share"),
  remix: () => import("./remix"),
  ask: () => import("./ask"),
  delete: () => import("./deletion"),
};

export function useSheet() {
  const shown = useSignal<{ Sheet: ComponentType<SheetProps>; isOpen: boolean } | undefined>(undefined);
  return {
    shown: shown.value,
    open: async (name: SheetName) => {
      try {
        shown.value = { Sheet: (await withPart("more", SHEETS[name])).default, isOpen: true };
      } catch {
        say(t("offline"), true);
      }
    },
    close: () => {
      if (shown.value !== undefined) shown.value = { ...shown.value, isOpen: false };
    },
  };
}

/** An act on a thread that may be gone meanwhile: then the page says so. */
export async function orGone<T>(answer: Promise<T>, onChanged: () => void): Promise<T> {
  try {
    return await answer;
  } catch (problem) {
    if (problem instanceof Failure && problem.status === 404) onChanged();
    throw problem;
  }
}
