import { useAct } from "../../act";
import { download } from "../../export";
import { t } from "../../text";
import { Failed } from "../failed";
import { say } from "../toast";

export function YourData() {
  const save = useAct(async () => {
    await download();
    say(t("exported"));
  });
  return (
    <section class="panel setting" aria-labelledby="your-data">
      <h2 id="your-data">{t("yourData")}</h2>
      <p class="hint">{t("exportText")}</p>
      {save.failure.value && <Failed failure={save.failure.value} />}
      <button type="button" class="quiet" aria-busy={save.isBusy.value} onClick={() => void save.run()}>{t("exportDo")}</button>
    </section>
  );
}
