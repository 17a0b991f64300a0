import { useLocation } from "preact-iso";
import { remove } from "../../api";
import { useAct } from "../../act";
import { t } from "../../text";
import { Dialog } from "../dialog";
import { Failed } from "../failed";
import { say } from "../toast";
import { orGone, type SheetProps } from "./sheet";

function Question({ thread: { post, replies }, onClose, onChanged }: Pick<SheetProps, "thread" | "onClose" | "onChanged">) {
  const { route } = useLocation();
  const deletion = useAct(async () => {
    await orGone(remove("/posts/{id}", { at: { id: post.id } }), onChanged);
    route(`/rooms/${post.room_id}`, true);
    say(t("battleDeleted"));
  });
  return (
    <>
      <p>{replies.length === 0 ? t("deleteAlone") : t("deleteWith", { n: replies.length })}</p>
      {deletion.failure.value && <Failed failure={deletion.failure.value} />}
      <p class="acts">
        <button type="button" class="danger" aria-busy={deletion.isBusy.value} onClick={() => void deletion.run()}>
          {t("deleteBattle")}
        </button>
        <button type="button" class="quiet" onClick={onClose}>{t("cancel")}</button>
      </p>
    </>
  );
}

export default function DeletionSheet({ thread, isOpen, onClose, onChanged }: SheetProps) {
  return (
    <Dialog title={t("deleteBattleAsk")} isOpen={isOpen} onClose={onClose}>
      <Question thread={thread} onClose={onClose} onChanged={onChanged} />
    </Dialog>
  );
}
