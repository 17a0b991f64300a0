// The end of the first minute: on the way here from one's first post, a second voice is offered.
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { chunk } from "../../chunk";
import type { Thread } from "../../thread";
import type { DisagreeProps } from "../persona/disagree";

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
  const part = useSignal<{ Disagree: ComponentType<DisagreeProps> } | undefined>(undefined);
  const { post: { id, mine }, pending, replies } = thread;
  const isOffered = asked !== undefined && mine === true && replies.length + pending.queued + pending.running === 0;
  useEffect(() => {
    if (!isOffered) return;
    void chunk(() => import("../persona/disagree")).then((loaded) => (part.value = loaded), () => undefined);
  }, [isOffered]);
  if (!isOffered || isDone.value || part.value === undefined) return null;
  const { Disagree } = part.value;
  return <Disagree post={id} {...asked} onAsked={() => {
    isDone.value = true;
    onAsked();
  }} />;
}
