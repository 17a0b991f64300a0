// The end of the first minute: on the way here from one's first post, a second voice is offered,
// and then the way on.
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { useLate } from "../../late";
import { withPart } from "../../part";
import type { Thread } from "../../thread";

interface Way {
  /** The voice that wrote the post, and what it speaks. */
  voice: string;
  language: string;
}

/** As views/welcome.tsx leads here: /b/{id}?voice=&speaks=. */
function way(): Way | undefined {
  const query = new URLSearchParams(location.search);
  const voice = query.get("voice"), language = query.get("speaks");
  return voice === null || language === null ? undefined : { voice, language };
}

interface FirstAnswerProps {
  thread: Thread;
  onAsked: () => void;
  onShare: () => void;
}

/** Loaded for who comes that way alone. The offer goes when somebody answers, and the way on takes its
 * place. */
export function FirstAnswer({ thread, onAsked, onShare }: FirstAnswerProps) {
  const asked = useMemo(way, []);
  const isDone = useSignal(false);
  const { post: { id, mine }, pending, replies } = thread;
  const isHere = asked !== undefined && mine === true;
  const isOffered = isHere && !isDone.value && replies.length + pending.queued + pending.running === 0;
  const Disagree = useLate(isOffered, () => withPart("personas", () => import("../persona/disagree")));
  const Tour = useLate(isHere && !isOffered, () => withPart("personas", () => import("./tour")));
  if (!isHere) return null;
  if (!isOffered) return Tour ? <Tour thread={thread} onShare={onShare} /> : null;
  if (Disagree === undefined) return null;
  return <Disagree post={id} {...asked} onAsked={() => {
    isDone.value = true;
    onAsked();
  }} />;
}
