import { clock, t } from "../text";
import type { Word } from "../words/en";

/** "2 of 5 drafts today. New ones at 03:00." */
export function Quota({ word, used, limit, resetsAt }: { word: Word; used: number; limit: number; resetsAt: string }) {
  return <p class="fine">{t(word, { used, limit, time: clock(Date.parse(resetsAt)) })}</p>;
}
