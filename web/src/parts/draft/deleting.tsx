import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { useDeletion, type ListedPost } from "../../posts";
import { t } from "../../text";
import { Dialog } from "../dialog";
import { Failed } from "../failed";
import { say } from "../toast";

/** What takes the focus when the item around `element` goes: the next one's link, else the heading. */
function besides(element: HTMLElement | null): HTMLElement | null {
  const item = element?.closest("li") ?? element?.closest("article");
  const next = item?.nextElementSibling ?? item?.previousElementSibling;
  return next?.querySelector<HTMLElement>("h2 a") ?? document.querySelector<HTMLElement>("h1");
}

interface DeletingProps {
  post: ListedPost;
  onGone: () => void;
}

/** The button, and the question that says what goes. */
export function Deleting({ post, onGone }: DeletingProps) {
  const isOpen = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const { status, replies_count: n } = post, isDraft = status === "DRAFT";
  const { run, isBusy, failure } = useDeletion(() => {
    const next = besides(button.current);
    isOpen.value = false;
    onGone();
    say(t("postDeleted"));
    setTimeout(() => next?.focus()); // when the item, and the dialog that holds the focus, are gone
  });
  const close = () => (isOpen.value = false);
  return (
    <>
      <button ref={button} type="button" class="quiet danger" aria-keyshortcuts="#" onClick={() => (isOpen.value = true)}>
        {t("deleteBattle")}
      </button>
      <Dialog title={t(isDraft ? "deleteDraftAsk" : "deletePostAsk")} isOpen={isOpen.value} onClose={close}>
        <p>{isDraft ? t("deleteDraftText") : n === 0 ? t("deleteAlone") : t("deleteWith", { n })}</p>
        {failure.value && <Failed failure={failure.value} />}
        <div class="acts">
          <button type="button" class="danger" aria-busy={isBusy.value} onClick={() => void run(post)}>{t("deleteForever")}</button>
          <button type="button" class="quiet" onClick={close}>{t("cancel")}</button>
        </div>
      </Dialog>
    </>
  );
}
