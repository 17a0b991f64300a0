// The end of the first minute: on the way here from one's first post, a second voice is offered.
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

/** Loaded for who comes that way alone. It goes when somebody answers. */
export function FirstAnswer({ thread, onAsked }: { thread: Thread; onAsked: () => void }) {
  const asked = useMemo(way, []);
  const isDone = useSignal(false);
  const { post: { id, mine }, pending, replies } = thread;
  const isOffered = asked !== undefined && mine === true && replies.length + pending.queued + pending.running === 0;
  const Disagree = useLate(isOffered, () => withPart("personas", () => import("../persona/disagree")));
  if (!isOffered || isDone.value || Disagree === undefined) return null;
  return <Disagree post={id} {...asked} onAsked={() => {
    isDone.value = true;
    onAsked();
  }} />;
}
