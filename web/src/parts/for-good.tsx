import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Act } from "../act";
import { t } from "../text";
import { Dialog } from "./dialog";
import { Failed } from "./failed";

interface ForGoodProps {
  id: string;
  /** Of the panel. */
  class?: string;
  title: string;
  /** Said beside the button. */
  short: string;
  deletion: Act<[]>;
  /** What was asked for is there. */
  isSure: boolean;
  onClose: () => void;
  /** What happens, and the field that asks whether it is meant. */
  children: ComponentChildren;
}

/** Something that nothing brings back is deleted: a button, and the question behind it. */
export function ForGood({ id, class: kind = "", title, short, deletion, isSure, onClose, children }: ForGoodProps) {
  const isOpen = useSignal(false);
  const close = () => {
    isOpen.value = false;
    deletion.failure.value = undefined;
    onClose();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (isSure) void deletion.run();
  };
  return (
    <section class={`panel ${kind}`} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p class="hint">{short}</p>
      <button type="button" class="quiet danger" onClick={() => (isOpen.value = true)}>{title}</button>
      <Dialog title={title} isOpen={isOpen.value} onClose={close}>
        <form onSubmit={submit}>
          {children}
          {deletion.failure.value && <Failed failure={deletion.failure.value} />}
          <div class="acts">
            <button type="submit" class="danger" disabled={!isSure} aria-busy={deletion.isBusy.value}>{t("deleteForever")}</button>
            <button type="button" class="quiet" onClick={close}>{t("cancel")}</button>
          </div>
        </form>
      </Dialog>
    </section>
  );
}
