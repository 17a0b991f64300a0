import { Fragment, type RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { components } from "../contract";
import { useAct } from "../act";
import { linkOf, noticesOf, sentenceOf, type Notice } from "../notices";
import { Failed } from "../parts/failed";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { MorePages } from "../parts/pages";
import { Time } from "../parts/time";
import { markAllRead, markRead, tellClicked } from "../reading";
import { useSteady } from "../steady";
import { resource, type Resource } from "../store";
import { t } from "../text";

type Page = components["schemas"]["Notifications"];

function NoticeItem({ notice }: { notice: Notice }) {
  const [newest] = notice.all;
  const [word, values] = sentenceOf(notice);
  const unread = notice.all.filter(({ read_at }) => read_at === undefined).map(({ id }) => id);
  // Where it fails, the entry is unread again; the link leads on either way.
  const open = useAct(async () => {
    if (newest !== undefined) tellClicked(newest.id, newest.type);
    if (unread.length > 0) await markRead(unread);
  });
  if (newest === undefined) return null;
  return (
    <li class={notice.isUnread ? "notice unread" : "notice"}>
      <a href={linkOf(notice)} onClick={() => void open.run()}>
        {notice.isUnread && <span class="chip">{t("unread")}</span>}
        <span dir="auto">{t(word, values)}</span>
        <Time at={newest.created_at} />
      </a>
    </li>
  );
}

interface ListProps {
  notifications: Page["notifications"];
  list?: RefObject<HTMLUListElement>;
  /** The newest that was there before others were shown. */
  wasFirst?: number | undefined;
}

function List({ notifications, list, wasFirst = Infinity }: ListProps) {
  const notices = noticesOf(notifications);
  const here = notices.findIndex(({ all: [newest] }) => newest !== undefined && newest.id <= wasFirst);
  return (
    <ul class="list" ref={list ?? null}>
      {notices.map((notice, place) => (
        <Fragment key={notice.key}>
          {place === here && wasFirst !== Infinity && <li class="was-here"><span>{t("wasHere")}</span></li>}
          <NoticeItem notice={notice} />
        </Fragment>
      ))}
    </ul>
  );
}

function MarkAll({ isUnread }: { isUnread: boolean }) {
  const readAll = useAct(markAllRead);
  return (
    <>
      {isUnread && (
        <div class="filters">
          <button type="button" class="quiet" aria-busy={readAll.isBusy.value} onClick={() => void readAll.run()}>{t("markAll")}</button>
        </div>
      )}
      {readAll.failure.value && <Failed failure={readAll.failure.value} />}
    </>
  );
}

/** It stays as it is until its reader asks for what is new; where nothing was, nothing can move. */
function Newest({ page, from }: { page: Page; from: (cursor?: string) => Resource<Page> }) {
  const { items, fresh, show, press, list, wasFirst } = useSteady(page.notifications);
  // What follows begins where the list ends that is shown, not where a newer one would.
  const after = useRef(page.next_cursor);
  const isAnew = fresh === page.notifications.length;
  const showNew = (how: () => void) => {
    if (isAnew) after.current = page.next_cursor;
    how();
  };
  useEffect(() => {
    if (items.length === 0 && fresh > 0) showNew(show);
  }, [fresh]);
  if (items.length === 0) return <p class="empty">{t("noReactions")} <a href="/">{t("feed")}</a></p>;
  return (
    <>
      <MarkAll isUnread={items.some(({ read_at }) => read_at === undefined)} />
      {fresh > 0 && (
        <button type="button" class="new-pill" aria-keyshortcuts="." onClick={() => showNew(press)}>{t("newItems", { n: fresh })}</button>
      )}
      <List notifications={items} list={list} wasFirst={wasFirst} />
      <MorePages after={after.current} from={from}>{({ notifications }) => <List notifications={notifications} />}</MorePages>
    </>
  );
}

export default function Notifications() {
  const from = (cursor?: string) => cursor === undefined ? resource("/notifications") : resource("/notifications", { query: { cursor } });
  return (
    <>
      <PageHead>{t("notifications")}</PageHead>
      <Loaded from={from()}>{(page) => <Newest page={page} from={from} />}</Loaded>
    </>
  );
}
