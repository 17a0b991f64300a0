import { count } from "../../counted";
import { signupLink } from "../../next";
import { isLoggedIn } from "../../session";
import { t } from "../../text";
import type { Thread } from "../../thread";
import type { SheetName } from "./sheet";

interface ActsProps {
  thread: Thread;
  onOpen: (sheet: SheetName) => void;
}

/** What one can do with a battle; a visitor signs up first, and comes back to it. As the server writes
 * it: add_acts in api/pages/battle.c. */
export function Acts({ thread: { post: { id, room_id, template } }, onOpen }: ActsProps) {
  const signup = signupLink(`/b/${id}`);
  const composer = template && `/battles/new?room=${room_id}&template=${template.id}`;
  const remix = () => {
    count("remix_clicked", { battle_id: id });
    if (isLoggedIn.value) onOpen("remix");
  };
  return (
    <p class="acts">
      {isLoggedIn.value
        ? <>
          <button type="button" class="act main" aria-keyshortcuts="m" onClick={remix}>{t("remix")}</button>
          <button type="button" class="act" aria-keyshortcuts="r" onClick={() => onOpen("ask")}>{t("askReplies")}</button>
        </>
        : <>
          <a class="act main" href={`${signup}&remix=1`} onClick={remix}>{t("remix")}</a>
          <a class="act" href={signup}>{t("askReplies")}</a>
        </>}
      {composer && <a class="act" href={isLoggedIn.value ? composer : signupLink(composer)}>{t("useTemplate")}</a>}
      <button type="button" class="act" {...(isLoggedIn.value && { "aria-keyshortcuts": "s" })} onClick={() => onOpen("share")}>{t("share")}</button>
    </p>
  );
}

/** What only the owner can do stands below all else, as it comes later than the rest. A new reply makes
 * a new one: what is below it doesn't move, it is elsewhere. */
export function OwnerActs({ thread: { post: { mine }, replies }, onOpen }: ActsProps) {
  if (mine !== true) return null;
  return (
    <p class="acts own" key={replies.length}>
      <button type="button" class="act danger" onClick={() => onOpen("delete")}>{t("deleteBattle")}</button>
    </p>
  );
}
