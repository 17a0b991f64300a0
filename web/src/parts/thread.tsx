// The replies to a post, those that are being written, and those that won't come. It shows what the
// store has: an event changes it there by `changeThread` and `noteMissed` (thread.ts).
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { components } from "../contract";
import type { Resource } from "../store";
import { apart, isWord, t } from "../text";
import { missedOf, repliesAfter, type Missed, type Thread } from "../thread";
import { Author } from "./author";
import { goTo, useFollowing } from "./battle/follow";
import { Loaded } from "./loaded";

type Reply = components["schemas"]["Reply"];

const SAID_EVERY_MS = 5000;

function ReplyText({ reply, isNew }: { reply: Reply; isNew: boolean }) {
  return (
    <article class={isNew ? "reply new" : "reply"} id={`post-${reply.id}`}>
      <Author id={reply.persona_id} name={reply.persona_name} slug={reply.persona_slug} language={reply.language}
        by={reply.authored_by} at={reply.created_at} />
      <p class="text" dir="auto" lang={reply.language ?? ""}>{reply.content}</p>
    </article>
  );
}

/** In the place that the reply will take. */
function Writing({ name, place, all }: { name: string; place: number; all: number }) {
  return <p class="writing"><span>{t("writing", { name: apart(name) })}</span><span class="fine">{place}/{all}</span></p>;
}

function MissedReply({ persona_name, code }: Missed) {
  const key = `missed_${code}`;
  return <p class="missed">{t("missed", { name: apart(persona_name), why: t(isWord(key) ? key : "missed_other") })}</p>;
}

interface Pages {
  replies: Reply[];
  /** How many of them have come since the page was opened. */
  came: number;
  /** Something follows. */
  hasMore: boolean;
  /** The page that is on its way. */
  coming: Resource<Thread> | undefined;
  openNext: () => void;
}

/** The replies of the pages that were opened, as one list. A page that was read again and has got
 * shorter than what was shown is followed by the next one. */
function usePages({ post, replies: first, next_cursor }: Thread): Pages {
  const wanted = useSignal(0);
  const last = useRef({ replies: first, wanted: 0, came: 0 }).current;
  let replies = first, cursor = next_cursor, coming: Resource<Thread> | undefined;
  while (cursor !== "" && replies.length < Math.max(wanted.value, last.replies.length)) {
    const page = repliesAfter(post.id, cursor), { data } = page.state.value;
    if (data === undefined) {
      coming = page;
      replies = [...replies, ...last.replies.slice(replies.length)];
      break;
    }
    replies = [...replies, ...data.replies];
    cursor = data.next_cursor;
  }
  const isOpened = wanted.value > last.wanted;
  if (!isOpened) last.came += Math.max(0, replies.length - last.replies.length);
  else if (coming === undefined) last.wanted = wanted.value;
  last.replies = replies;
  return { replies, came: last.came, hasMore: cursor !== "", coming, openNext: () => void (wanted.value = replies.length + 1) };
}

/** What is read out: one sentence in five seconds, the newest, and never a whole reply. */
function useSaid(sentence: string, came: number): Signal<string> {
  const said = useSignal("");
  const free = useRef(0);
  useEffect(() => {
    if (came === 0) return;
    const timer = setTimeout(() => {
      said.value = sentence;
      free.current = Date.now() + SAID_EVERY_MS;
    }, Math.max(0, free.current - Date.now()));
    return () => clearTimeout(timer);
  }, [came]);
  return said;
}

function title(count: number, hasMore: boolean): string {
  if (count === 0) return t("noReplies");
  return t(hasMore ? "firstReplies" : "replies", { n: count });
}

export function Replies({ thread }: { thread: Thread }) {
  const { post, pending: { names } } = thread;
  const { replies, came, hasMore, coming, openNext } = usePages(thread);
  const count = replies.length, all = count + names.length, last = replies[count - 1];
  // Decided once: a third voice comes below the two, and moves neither.
  const isTwo = useRef(all === 2).current;
  const { list, unseen } = useFollowing(came);
  const said = useSaid(t("answered", { name: apart(last?.persona_name ?? t("nobody")), n: count, all }), came);
  const show = () => {
    const reply = list.current?.querySelectorAll<HTMLElement>("article")[count - unseen.value];
    unseen.value = 0;
    goTo(reply, "start");
    if (reply !== undefined) reply.tabIndex = -1;
    reply?.focus({ preventScroll: true });
  };
  return (
    <section class="replies">
      <h2>{title(count, hasMore)}</h2>
      <div class={isTwo ? "said abreast" : "said"} ref={list}>
        {replies.map((reply, place) => <ReplyText key={reply.id} reply={reply} isNew={place >= count - came} />)}
        {coming && <Loaded from={coming}>{() => null}</Loaded>}
        {names.map((name, place) => <Writing key={`${count} ${name}`} name={name} place={count + place + 1} all={all} />)}
      </div>
      {missedOf(post.id).map((one, place) => <MissedReply key={place} {...one} />)}
      {hasMore && !coming && <button type="button" class="act" onClick={openNext}>{t("moreReplies")}</button>}
      {unseen.value > 0 && <button type="button" class="pill" onClick={show}>{t("newReplies", { n: unseen.value })} ↓</button>}
      <p class="unseen" role="status">{said}</p>
    </section>
  );
}
