import type { components } from "../contract";
import { cutAtWord, readingOf } from "../excerpt";
import { resource } from "../store";
import { t } from "../text";
import { Loaded } from "./loaded";
import { MorePages } from "./pages";
import { Time } from "./time";

type Page = components["schemas"]["Found"];

function Result({ found }: { found: Page["results"][number] }) {
  const { heading, rest } = readingOf(found.title, cutAtWord(found.excerpt));
  return (
    <li>
      <article class="card">
        <h2><a href={new URL(found.url, location.origin).href.replace(location.origin, "")} dir="auto" lang="">{heading}</a></h2>
        {rest !== "" && <p class="rules" dir="auto" lang="">{rest}</p>}
        <p class="fine">
          {t(`kind_${found.kind}`)}
          {found.room_name !== undefined && <> · <bdi>{found.room_name}</bdi></>} · <Time at={found.created_at} />
        </p>
      </article>
    </li>
  );
}

/** What was found, page by page. */
export function Found({ q, kind }: { q: string; kind: string | undefined }) {
  const from = (cursor?: string) => resource("/search", { query: { q, kind, cursor } });
  const list = ({ results }: Page) => (
    <ul class="list">{results.map((found) => <Result key={found.kind + found.id} found={found} />)}</ul>
  );
  return (
    <Loaded from={from()}>{(page) => page.results.length === 0
      ? <div class="empty"><p>{t("nothingFor", { q })}</p><p>{t("searchOtherwise")}</p></div>
      : <>{list(page)}<MorePages after={page.next_cursor} from={from}>{list}</MorePages></>}</Loaded>
  );
}
