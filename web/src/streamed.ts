// A text of the model that a person follows while it is written, and may give up.
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useAct, type Act } from "./act";
import { Failure, untilAnswered, type Answer, type Asked, type Path } from "./api";
import { readEvents, type ServerEvent } from "./events";

/** What an `error` event says, as a refusal would have. */
function streamFailure(data: unknown): Failure {
  const { error, code, status } = data as { error: string; code: string; status: number };
  return new Failure(status, code, error, undefined, undefined);
}

async function readToEnd<T>(answer: Response, onEvent: (event: ServerEvent) => void): Promise<T> {
  if (answer.headers.get("Content-Type")?.startsWith("application/json")) return (await answer.json()) as T;
  try {
    for await (const event of readEvents(answer.body as ReadableStream<Uint8Array>)) {
      if (event.name === "done") return event.data as T;
      if (event.name === "error") throw streamFailure(event.data);
      onEvent(event);
    }
  } catch (problem) {
    if (problem instanceof Failure || (problem instanceof DOMException && problem.name === "AbortError")) throw problem;
  }
  throw new Failure(0, "offline", "the answer broke off", undefined, undefined);
}

/** A draft or preview that is shown as it comes: events `start`, `text`, `restart`; then the answer.
 * Aborting `asked.signal` cancels it, and nothing is used up. */
async function actStreamed<P extends Path<"post">>(
  path: P, asked: Asked, onEvent: (event: ServerEvent) => void,
): Promise<Answer<"post", P>> {
  return untilAnswered("post", path, asked, "text/event-stream", (answer) => readToEnd<Answer<"post", P>>(answer, onEvent));
}

type Texts = Record<string, string>;

/** What is shown after an event. What failed the check begins anew; an answer of one text has no label. */
function after(texts: Texts, { name, data }: ServerEvent): Texts {
  const { label = "", delta = "" } = data as { label?: string; delta?: string };
  if (name === "restart") return { ...texts, [label]: "" };
  return name === "text" ? { ...texts, [label]: (texts[label] ?? "") + delta } : texts;
}

export interface Streamed<A> extends Pick<Act<[Asked]>, "isBusy" | "failure"> {
  /** What there is of each text, by its label. */
  texts: Signal<Texts>;
  /** Undefined where it failed or was given up. */
  run: (asked: Asked) => Promise<A | undefined>;
  /** Nothing is stored then, nor used up. */
  cancel: () => void;
}

export function useStreamed<P extends Path<"post">>(path: P): Streamed<Answer<"post", P>> {
  const texts = useSignal<Texts>({});
  const running = useRef<AbortController | undefined>(undefined);
  const answer = useRef<Answer<"post", P> | undefined>(undefined);
  const { run, isBusy, failure } = useAct(async (asked: Asked) => {
    const control = new AbortController();
    running.current = control;
    texts.value = {};
    try {
      answer.current = await actStreamed(path, { ...asked, signal: control.signal }, (event) => {
        texts.value = after(texts.value, event);
      });
    } catch (problem) {
      if (!control.signal.aborted) throw problem;
    }
  });
  const cancel = () => running.current?.abort();
  useEffect(() => cancel, []);
  return {
    texts, isBusy, failure, cancel,
    async run(asked) {
      answer.current = undefined;
      await run(asked);
      return answer.current;
    },
  };
}
