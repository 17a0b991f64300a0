import { PageHead } from "../parts/head";
import { Loaded } from "../parts/loaded";
import { AccountDeletion } from "../parts/settings/deletion";
import { Email } from "../parts/settings/email";
import { Look } from "../parts/settings/look";
import { Password } from "../parts/settings/password";
import { Sessions } from "../parts/settings/sessions";
import { YourData } from "../parts/settings/your-data";
import { resource } from "../store";
import { t } from "../text";

export default function Settings() {
  return (
    <>
      <PageHead>{t("settings")}</PageHead>
      <Loaded from={resource("/me")}>{(me) => (
        <>
          <Look />
          <Email me={me} />
          <Password me={me} />
          <Sessions />
          <YourData />
          <AccountDeletion />
        </>
      )}</Loaded>
    </>
  );
}
