import { useLocation } from "preact-iso";
import type { components } from "../contract";
import { signupLink } from "../next";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { MorePages } from "../parts/pages";
import { TemplateCard } from "../parts/template/card";
import { isLoggedIn } from "../session";
import { resource } from "../store";
import { t } from "../text";

type List = components["schemas"]["Templates"];

/** All that are public, or one's own. */
function Filters({ isMine, query }: { isMine: boolean; query: Record<string, string> }) {
  const { route } = useLocation();
  const show = (mine: boolean) => {
    const { mine: _, ...rest } = query;
    const search = new URLSearchParams(mine ? { ...rest, mine: "1" } : rest).toString();
    route(search === "" ? "/templates" : `/templates?${search}`, true);
  };
  return (
    <div class="filters">
      <button type="button" class="chip" aria-pressed={!isMine} onClick={() => show(false)}>{t("public")}</button>
      <button type="button" class="chip" aria-pressed={isMine} onClick={() => show(true)}>{t("mine")}</button>
    </div>
  );
}

/** What the page is, for whom it is new; the list's filters for whom it isn't. As the server writes
 * the former: add_intro in api/pages/templates.c. */
function Intro({ isMine, isEmpty, query }: { isMine: boolean; isEmpty: boolean; query: Record<string, string> }) {
  return (
    <div class="intro">
      {isLoggedIn.value
        ? <Filters isMine={isMine} query={query} />
        : <p class="meta">{t(isEmpty ? "noTemplates" : "templatesAbout")}</p>}
      <a class="act" href={isLoggedIn.value ? "/templates/new" : signupLink("/templates/new")}>{t("newTemplate")}</a>
    </div>
  );
}

export default function Templates() {
  const { query } = useLocation();
  const isMine = query["mine"] === "1" && isLoggedIn.value;
  const marked = query["template"];
  const from = (cursor?: string) => resource("/templates", { query: { ...(isMine && { mine: "1" }), cursor } });
  const isMarkedIn = ({ templates }: List) => templates.some(({ id }) => id === marked);
  const cards = ({ templates }: List) => templates.map((template) => (
    <TemplateCard key={template.id} template={template} battle={query["battle"]} isMarked={template.id === marked} />
  ));
  const isEmpty = from().state.value.data?.templates.length === 0;
  return (
    <>
      <PageHead>{t("templates")}</PageHead>
      <Intro isMine={isMine} isEmpty={isEmpty} query={query} />
      {isEmpty && isLoggedIn.value && <p class="empty">{t(isMine ? "noOwnTemplates" : "noTemplates")}</p>}
      <Loaded key={String(isMine)} from={from()}>{(list) => (
        <>
          {cards(list)}
          <MorePages after={list.next_cursor} from={from} isSought={marked !== undefined && !isMarkedIn(list)}
            isFound={isMarkedIn}>{cards}</MorePages>
        </>
      )}</Loaded>
    </>
  );
}
