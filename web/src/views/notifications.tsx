import { act } from "../api";
import { useAct } from "../act";
import type { components } from "../contract";
import { detail, grouped, linkOf, sentence, type Notice } from "../notices";
import { Failed } from "../parts/failed";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { MorePages } from "../parts/pages";
import { Time } from "../parts/time";
import { change, resource } from "../store";
import { t } from "../text";

type Page = components["schemas"]["Notifications"];

function knowUnread(unread_count: number): void {
  change("/me", {}, (me) => ({ ...me, unread_count }));
}

/** On this page; others are read anew when they are shown. */
function knowRead(ids: ReadonlySet<number> | "all"): void {
  const read_at = new Date().toISOString();
  change("/notifications", {}, (page) => {
    const notifications = page.notifications.map((one) =>
      one.read_at === undefined && (ids === "all" || ids.has(one.id)) ? { ...one, read_at } : one);
    return { ...page, notifications, unread_count: ids === "all" ? 0 : page.unread_count };
  });
}

/** Opening one reads it and its group; the page that it leads to doesn't wait for that. */
async function open(notice: Notice): Promise<void> {
  const unread = notice.all.filter(({ read_at }) => read_at === undefined);
  const events = notice.all.slice(0, 1).map(({ id, type }) => act("post", "/events", {
    body: { event_name: "notification_clicked", metadata: { notification_id: id, notification_type: type } } }));
  const reads = unread.map(({ id }) => act("post", "/notifications/{id}/read", { at: { id: String(id) } }));
  knowRead(new Set(unread.map(({ id }) => id)));
  await Promise.allSettled([...reads.map((read) => read.then(({ unread_count }) => knowUnread(unread_count))), ...events]);
}

function Item({ notice }: { notice: Notice }) {
  const about = detail(notice);
  return (
    <li class={notice.isUnread ? "new" : ""}>
      <a href={linkOf(notice)} onClick={() => void open(notice)}>
        <span dir="auto">{notice.isUnread && <span class="unseen">{t("unreadNotice")}: </span>}{sentence(notice)}</span>
        <span class="fine">{about !== "" && <><bdi>{about}</bdi> · </>}<Time at={notice.all[0]?.created_at ?? ""} /></span>
      </a>
    </li>
  );
}

function List({ page }: { page: Page }) {
  return <ul class="notices">{grouped(page.notifications).map((notice) => <Item key={notice.key} notice={notice} />)}</ul>;
}

function ReadAll() {
  const readAll = useAct(async () => {
    knowRead("all");
    knowUnread((await act("post", "/notifications/read-all")).unread_count);
  });
  const press = async () => {
    if (!await readAll.run()) void resource("/notifications").load();
  };
  return (
    <>
      <button type="button" class="quiet" onClick={() => void press()}>{t("markAllRead")}</button>
      {readAll.failure.value && <Failed failure={readAll.failure.value} />}
    </>
  );
}

export default function Notifications() {
  const first = resource("/notifications");
  const isUnread = first.state.value.data?.notifications.some(({ read_at }) => read_at === undefined) ?? false;
  return (
    <>
      <div class="head-row"><PageHead>{t("notifications")}</PageHead>{isUnread && <ReadAll />}</div>
      <Loaded from={first}>{(page) => page.notifications.length === 0
        ? <><p class="empty">{t("noNotices")}</p><p><a class="act" href="/">{t("toFeed")}</a></p></>
        : <>
          <List page={page} />
          <MorePages after={page.next_cursor} from={(cursor) => resource("/notifications", { query: { cursor } })}>
            {(next) => <List page={next} />}
          </MorePages>
        </>}
      </Loaded>
    </>
  );
}
