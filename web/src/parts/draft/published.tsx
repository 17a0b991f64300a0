import { useEffect, useRef } from "preact/hooks";
import type { ListedPost } from "../../posts";
import { t } from "../../text";
import { threadOf } from "../../thread";
import { useSheet } from "../battle/sheet";
import { Loaded } from "../loaded";

/** What a draft turns into when it is published: the way on. */
export function Published({ post: { id, content } }: { post: ListedPost }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { shown, open, close } = useSheet();
  useEffect(() => heading.current?.focus(), []);
  return (
    <article class="published" id={`post-${id}`}>
      <h2 tabIndex={-1} ref={heading}>{t("askOthers")}</h2>
      <p class="text excerpt" dir="auto" lang="">{content}</p>
      <div class="acts">
        <button type="button" aria-keyshortcuts="r" onClick={() => void open("ask")}>{t("askReplies")}</button>
        <a class="act" href={`/b/${id}`}>{t("seePublished")}</a>
      </div>
      {shown?.isOpen && <Loaded from={threadOf(id)}>{(thread) =>
        <shown.Sheet thread={thread} template={undefined} isOpen onClose={close} onChanged={() => void threadOf(id).load()} />}
      </Loaded>}
    </article>
  );
}
