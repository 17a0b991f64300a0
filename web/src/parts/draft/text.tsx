import type { Persona } from "../../persona";
import { apart, t } from "../../text";
import { Author } from "../author";

/** A draft as it comes, or as it came. */
export function DraftText({ persona, content, isWriting }: { persona: Persona; content: string; isWriting: boolean }) {
  return (
    <article class="first-draft" aria-busy={isWriting}>
      <Author id={persona.id} name={persona.name} language={persona.preferred_language} by="AI" />
      <p class="text" dir="auto" lang={persona.preferred_language}>{content}</p>
      {isWriting && content === "" && <p class="fine">{t("writing", { name: apart(persona.name) })}</p>}
    </article>
  );
}
