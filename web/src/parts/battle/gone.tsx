import { t } from "../../text";
import { PageHead } from "../head";

/** It was here until now. */
export function Gone({ roomId, roomName }: { roomId: string; roomName: string }) {
  return (
    <div class="narrow" role="alert">
      <PageHead>{t("wasDeleted")}</PageHead>
      <p>{t("wasDeletedText")}</p>
      <p class="acts"><a class="act" href={`/rooms/${roomId}`}>‹ <bdi>{roomName}</bdi></a></p>
    </div>
  );
}
