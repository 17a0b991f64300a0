import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import { count } from "../../counted";
import { copyPicture, copyText } from "../../clipboard";
import { resource } from "../../store";
import { t } from "../../text";
import type { Thread } from "../../thread";
import { Dialog } from "../dialog";
import type { SheetProps } from "./sheet";

const CARD = { width: 1200, height: 630 }; // CARD_WIDTH, CARD_HEIGHT in domain/card/card.h

/** What is on the card, as the server said it in the head of the battle's own page. */
function cardText({ post }: Thread): string {
  const head = (name: string) => document.querySelector<HTMLMetaElement>(`meta[property="og:${name}"]`)?.content;
  return (head("url")?.endsWith(`/b/${post.id}`) ? head("image:alt") : undefined) ?? post.topic;
}

function Card({ thread, path, onReady }: { thread: Thread; path: string; onReady: (card: HTMLImageElement) => void }) {
  const tries = useSignal(0);
  const hasFailed = useSignal(false);
  const again = () => {
    hasFailed.value = false;
    tries.value++;
  };
  if (hasFailed.value)
    return <p class="failed" role="alert">{t("noCard")} <button type="button" class="link" onClick={again}>{t("tryAgain")}</button></p>;
  return <img key={tries.value} class="card-picture" src={path} {...CARD} alt={cardText(thread)}
    onLoad={(event) => onReady(event.currentTarget)} onError={() => (hasFailed.value = true)} />;
}

function Ways({ thread }: { thread: Thread }) {
  const { id, topic } = thread.post;
  const link = resource("/b/{id}/meta", { at: { id } }).state.value.data?.share_url ?? `${location.origin}/b/${id}`;
  const path = `/b/${id}/card.png?width=${CARD.width}&height=${CARD.height}`;
  const field = useRef<HTMLInputElement>(null);
  const card = useSignal<HTMLImageElement | undefined>(undefined);
  const label = useId();
  const said = useSignal("");
  const shared = (source: string, words: string) => {
    count("battle_shared", { battle_id: id, source });
    said.value = words;
  };
  const copyLink = async () => {
    if (await copyText(link)) shared("copy_link", t("linkCopied"));
    else if (field.current !== null) {
      field.current.select(); // the field's own event tells whether it was copied then
      if (!document.execCommand("copy")) said.value = t("linkSelected");
    }
  };
  const copyImage = async () => {
    const picture = card.value;
    if (picture === undefined) return;
    shared("copy_image", t((await copyPicture(picture, path)) === "copied" ? "copiedImage" : "savedImage"));
  };
  const shareNatively = () => void navigator.share({ title: topic, url: link })
    .then(() => shared("native_share", t("sharedNatively")), () => undefined);
  return (
    <>
      <Card thread={thread} path={path} onReady={(picture) => (card.value = picture)} />
      <div class="field">
        <label for={label}>{t("link")}</label>
        <input id={label} ref={field} readOnly value={link} onFocus={(event) => event.currentTarget.select()}
          onCopy={() => shared("copy_link", t("linkCopied"))} />
      </div>
      <p class="acts">
        <button type="button" onClick={() => void copyLink()}>{t("copyLink")}</button>
        <button type="button" class="quiet" disabled={card.value === undefined} onClick={() => void copyImage()}>{t("copyTheImage")}</button>
        {"share" in navigator && <button type="button" class="quiet" onClick={shareNatively}>{t("shareNatively")}</button>}
      </p>
      <p class="note" role="status">{said}</p>
    </>
  );
}

export default function ShareSheet({ thread, isOpen, onClose }: SheetProps) {
  return <Dialog title={t("share")} isOpen={isOpen} onClose={onClose}><Ways thread={thread} /></Dialog>;
}
