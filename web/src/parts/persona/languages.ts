import { t } from "../../text";

/** What personas write in, and what it is called. */
export function languages(): [string, string][] {
  return [["tr", t("turkish")], ["en", t("english")]];
}
