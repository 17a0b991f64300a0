import { act } from "../../api";
import { t } from "../../text";
import { Voices } from "./voices";

interface DisagreeProps {
  post: string;
  language: string;
  /** The voice that wrote it: one of those that are ready, or another. */
  voice: string;
  onAsked: () => void;
}

/** A second voice for a post: one press makes it and asks it to answer. */
export default function Disagree({ post, language, voice, onAsked }: DisagreeProps) {
  return (
    <section class="disagree" aria-labelledby="disagree">
      <h2 id="disagree">{t("disagree")}</h2>
      <p>{t("disagreeText")}</p>
      <Voices language={language} without={voice} onTaken={async (persona) => {
        await act("post", "/posts/{id}/generate-replies", { at: { id: post }, body: { persona_ids: [persona.id] } });
        onAsked();
      }} />
    </section>
  );
}
