// The replies to a post, those that are being written, and those that won't come. It shows what the
// store has: an event changes it there by `changeThread` and `noteMissed` (thread.ts).
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { components } from "../contract";
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

/** The replies from a cursor on, when somebody asks for them. */
function More({ id, cursor }: { id: string; cursor: string }) {
  const isOpen = useSignal(false);
  if (!isOpen.value)
    return <button type="button" class="act" onClick={() => (isOpen.value = true)}>{t("moreReplies")}</button>;
  return (
    <Loaded from={repliesAfter(id, cursor)}>
      {({ replies, next_cursor }) => <>
        {replies.map((reply) => <ReplyText key={reply.id} reply={reply} isNew={false} />)}
        {next_cursor !== "" && <More id={id} cursor={next_cursor} />}
      </>}
    </Loaded>
  );
}

/** What is read out: one sentence in five seconds, the newest, and never a whole reply. */
function useSaid(sentence: string, count: number): Signal<string> {
  const said = useSignal("");
  const free = useRef(0);
  const first = useRef(count);
  useEffect(() => {
    if (count <= first.current) return;
    const timer = setTimeout(() => {
      said.value = sentence;
      free.current = Date.now() + SAID_EVERY_MS;
    }, Math.max(0, free.current - Date.now()));
    return () => clearTimeout(timer);
  }, [count]);
  return said;
}

function title(count: number, hasMore: boolean): string {
  if (count === 0) return t("noReplies");
  return t(hasMore ? "firstReplies" : "replies", { n: count });
}

export function Replies({ thread: { post, replies, pending: { names }, next_cursor } }: { thread: Thread }) {
  const count = replies.length, all = count + names.length, last = replies[count - 1];
  // Decided once: a third voice comes below the two, and moves neither.
  const first = useRef({ count, isTwo: all === 2 }).current;
  const { list, unseen } = useFollowing(count);
  const said = useSaid(t("answered", { name: apart(last?.persona_name ?? t("nobody")), n: count, all }), count);
  const show = () => {
    const reply = list.current?.querySelectorAll<HTMLElement>("article")[count - unseen.value];
    unseen.value = 0;
    goTo(reply, "start");
    if (reply !== undefined) reply.tabIndex = -1;
    reply?.focus({ preventScroll: true });
  };
  return (
    <section class="replies">
      <h2>{title(count, next_cursor !== "")}</h2>
      <div class={first.isTwo ? "said abreast" : "said"} ref={list}>
        {replies.map((reply, place) => <ReplyText key={reply.id} reply={reply} isNew={place >= first.count} />)}
        {names.map((name, place) => <Writing key={`${count} ${name}`} name={name} place={count + place + 1} all={all} />)}
      </div>
      {missedOf(post.id).map((one, place) => <MissedReply key={place} {...one} />)}
      {next_cursor !== "" && <More id={post.id} cursor={next_cursor} />}
      {unseen.value > 0 && <button type="button" class="pill" onClick={show}>{t("newReplies", { n: unseen.value })} ↓</button>}
      <p class="unseen" role="status">{said}</p>
    </section>
  );
}
