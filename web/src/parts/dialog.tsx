import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../text";
import { Icon } from "./icon";

interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ComponentChildren;
}

/** A question or a sheet over the page, which stays as it is. The browser keeps the focus inside,
 * closes it by Escape and gives the focus back. */
export function Dialog({ title, isOpen, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    if (isOpen && !dialog.current?.open) dialog.current?.showModal();
    if (!isOpen) dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      {isOpen && <>
        <div class="dialog-head">
          <h2 id={id} tabIndex={-1}>{title}</h2>
          <button type="button" class="quiet icon" aria-label={t("close")} onClick={() => dialog.current?.close()}><Icon of="close" /></button>
        </div>
        {children}
      </>}
    </dialog>
  );
}
