import type { components } from "../contract";
import { t } from "../text";
import { Mark } from "./mark";
import { Time } from "./time";

type By = components["schemas"]["Post"]["authored_by"];

const PROVENANCES = { AI: "byAi", AI_DRAFT_APPROVED: "byAiApproved", HUMAN: "byHuman" } as const;

/** How a text came about: part_provenance in api/pages/parts.c. */
export function Provenance({ by }: { by: By }) {
  return <span class="badge">{t(PROVENANCES[by])}</span>;
}

interface AuthorProps {
  id?: string | undefined;
  name?: string | undefined;
  slug?: string | undefined;
  /** Of the persona. */
  language?: string | undefined;
  by?: By;
  at?: string;
}

/** A human who wrote without a persona has no name here: the provenance says it. */
function nameOf({ name, language, by }: AuthorProps) {
  if (name !== undefined) return <span class="name" dir="auto" lang={language ?? ""}>{name}</span>;
  return by === "HUMAN" ? null : <span class="name">{t("nobody")}</span>;
}

/** Who wrote something, how it came about, in words, and when. As the server writes it: part_author in
 * api/pages/parts.c. */
export function Author(props: AuthorProps) {
  const { id, name, slug, by, at } = props;
  const shown = nameOf(props);
  return (
    <p class="by">
      {id !== undefined && name !== undefined && <Mark id={id} name={name} />}
      {slug === undefined ? shown : <a href={`/p/${slug}`}>{shown}</a>}
      {by !== undefined && <Provenance by={by} />}
      {at !== undefined && <Time at={at} />}
    </p>
  );
}
