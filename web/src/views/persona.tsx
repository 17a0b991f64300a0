import { useParams } from "../parts/current-view";
import { Deletion } from "../parts/persona/deletion";
import { Editor } from "../parts/persona/editor";
import { Profile } from "../parts/persona/profile";
import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { Mark } from "../parts/mark";
import { resource } from "../store";
import { t } from "../text";

function Existing({ id }: { id: string }) {
  const from = resource("/personas/{id}", { at: { id } });
  const known = from.state.value.data;
  return (
    <>
      <div class="persona-head">
        {known && <Mark id={id} name={known.name} />}
        <PageHead>{known ? <bdi lang={known.preferred_language}>{known.name}</bdi> : t("persona")}</PageHead>
        <a class="act" href={`/digest#${id}`}>{t("todaysDigest")}</a>
      </div>
      <Loaded from={from}>{(persona) => (
        <>
          <Editor persona={persona} />
          <div class="below-editor">
            <Profile persona={persona} />
            <Deletion persona={persona} />
          </div>
        </>
      )}</Loaded>
    </>
  );
}

export default function PersonaPage() {
  const { id } = useParams();
  return (
    <div class="wide">
      <p class="crumb"><a href="/personas">‹ {t("personas")}</a></p>
      {id === undefined
        ? <><PageHead>{t("newPersona")}</PageHead><Editor /></>
        : <Existing key={id} id={id} />}
    </div>
  );
}
