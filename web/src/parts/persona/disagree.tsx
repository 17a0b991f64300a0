import { useLocation } from "preact-iso";
import { act } from "../../api";
import type { Key } from "../../archetypes";
import { isHere } from "../../routes";
import { t } from "../../text";
import { Voices } from "./voices";

interface DisagreeProps {
  post: string;
  language: string;
  /** The voice that wrote it, where it is one of those that are ready. */
  voice: Key | undefined;
}

/** A second voice for a post: one press makes it and asks it to answer. */
export function Disagree({ post, language, voice }: DisagreeProps) {
  const { route } = useLocation();
  const battle = `/b/${post}`;
  return (
    <section aria-labelledby="disagree">
      <h2 id="disagree">{t("disagree")}</h2>
      <p>{t("disagreeText")}</p>
      <Voices language={language} without={voice} onTaken={async (persona) => {
        await act("post", "/posts/{id}/generate-replies", { at: { id: post }, body: { persona_ids: [persona.id] } });
        if (isHere(battle)) route(battle);
        else location.assign(battle);
      }} />
    </section>
  );
}
