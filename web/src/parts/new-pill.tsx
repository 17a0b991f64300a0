import { t } from "../text";

/** What came since the list was read. It is never put in under the reader's eyes: a press does it. */
export function NewPill({ count, onShow }: { count: number; onShow: () => void }) {
  if (count === 0) return null;
  return <button type="button" class="new-pill" aria-keyshortcuts="." onClick={onShow}>{t("newItems", { n: count })}</button>;
}
