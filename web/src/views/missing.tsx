import { PageHead } from "../parts/head";
import { t } from "../text";

export default function Missing() {
  return (
    <div class="narrow">
      <PageHead>{t("notFound")}</PageHead>
      <p>{t("notFoundText")}</p>
      <p><a href="/">{t("toStart")}</a></p>
    </div>
  );
}
