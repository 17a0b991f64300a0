import type { components } from "../contract";
import { useAct } from "../act";
import { linkOf, noticesOf, sentenceOf, type Notice } from "../notices";
import { Failed } from "../parts/failed";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { MorePages } from "../parts/pages";
import { Time } from "../parts/time";
import { markAllRead, markRead, tellClicked } from "../reading";
import { resource } from "../store";
import { t } from "../text";

type Page = components["schemas"]["Notifications"];

function NoticeItem({ notice }: { notice: Notice }) {
  const [newest] = notice.all;
  const [word, values] = sentenceOf(notice);
  if (newest === undefined) return null;
  const open = () => {
    tellClicked(newest.id, newest.type);
    const unread = notice.all.filter(({ read_at }) => read_at === undefined).map(({ id }) => id);
    void markRead(unread).catch(() => undefined);
  };
  return (
    <li class={notice.isUnread ? "notice unread" : "notice"}>
      <a href={linkOf(notice)} onClick={open}>
        {notice.isUnread && <span class="chip">{t("unread")}</span>}
        <span dir="auto">{t(word, values)}</span>
        <Time at={newest.created_at} />
      </a>
    </li>
  );
}

function List({ notifications }: Page) {
  return <ul class="list">{noticesOf(notifications).map((notice) => <NoticeItem key={notice.key} notice={notice} />)}</ul>;
}

export default function Notifications() {
  const readAll = useAct(markAllRead);
  const from = (cursor?: string) => cursor === undefined ? resource("/notifications") : resource("/notifications", { query: { cursor } });
  return (
    <>
      <PageHead>{t("notifications")}</PageHead>
      <Loaded from={from()}>
        {(page) => page.notifications.length === 0
          ? <p class="empty">{t("noReactions")} <a href="/">{t("feed")}</a></p>
          : <>
            {page.notifications.some(({ read_at }) => read_at === undefined) && (
              <div class="filters">
                <button type="button" class="quiet" aria-busy={readAll.isBusy.value} onClick={() => void readAll.run()}>{t("markAll")}</button>
              </div>
            )}
            {readAll.failure.value && <Failed failure={readAll.failure.value} />}
            <List {...page} />
            <MorePages after={page.next_cursor} from={from}>{(next) => <List {...next} />}</MorePages>
          </>}
      </Loaded>
    </>
  );
}
