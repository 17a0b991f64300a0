import { t } from "../text";
import type { Word } from "../words/en";

/** A number in words, but for none: part_counted in api/pages/parts.c. */
export function Counted({ word, n }: { word: Word; n: number }) {
  return n > 0 ? <span>{t(word, { n })}</span> : null;
}
