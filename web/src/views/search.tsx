import { useSignal } from "@preact/signals";
import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import { Field } from "../parts/field";
import { PageHead } from "../parts/head";
import { Found } from "../parts/found";
import { t } from "../text";

const KINDS = ["battle", "persona", "template", "room"] as const;
type Kind = (typeof KINDS)[number];

const LEAST = 2;

function linkTo(q: string, kind: Kind | undefined): string {
  return `/search?${new URLSearchParams({ q, ...(kind && { kind }) }).toString()}`;
}

/** The address has what was searched for, so that the way back leads to it. */
export default function Search() {
  const { query, route } = useLocation();
  const q = (query["q"] ?? "").trim(), kind = KINDS.find((kind) => kind === query["kind"]);
  const text = useSignal(q);
  useEffect(() => void (text.value = q), [q]);
  const typed = text.value.trim();
  const submit = (event: Event) => {
    event.preventDefault();
    if (typed.length >= LEAST) route(linkTo(typed, kind), q === "");
  };
  return (
    <>
      <PageHead>{t("search")}</PageHead>
      <form role="search" class="search-form" onSubmit={submit}>
        <Field label={t("searchFor")} hint={t("searchHint")} name="q" type="search" autocomplete="off" value={text.value}
          onInput={(value) => (text.value = value)} autofocus={q === ""} />
        <button type="submit" disabled={typed.length < LEAST}>{t("doSearch")}</button>
      </form>
      {q !== "" && (
        <>
          <div class="filters" role="group" aria-label={t("kindOf")}>
            <button type="button" class="chip" aria-pressed={kind === undefined} onClick={() => route(linkTo(q, undefined), true)}>
              {t("all")}
            </button>
            {KINDS.map((one) => (
              <button key={one} type="button" class="chip" aria-pressed={kind === one} onClick={() => route(linkTo(q, one), true)}>
                {t(`kinds_${one}`)}
              </button>
            ))}
          </div>
          <Found key={`${kind ?? ""} ${q}`} q={q} kind={kind} />
        </>
      )}
    </>
  );
}
