// One live stream, kept open: read, opened again after it ended, and less often while it can't be.
import { headersOf } from "../api";
import { readEvents, type ServerEvent } from "../events";
import { hasEnded, session } from "../session";
import { backoff } from "./rules";

const SILENCE_MS = 40_000;
const REOPEN_MS = 250;
/** So many failures in a row, and the pages ask for themselves; the stream is tried now and then. */
const FAILURES_MAX = 3;
const RETRY_DOWN_MS = 60_000;

/** A stream of this tab has ended, or wasn't to be had: what comes next may have missed something. */
export let hasBroken = false;

interface Wanted {
  /** What the stream is asked to tell of; undefined: none is wanted now. */
  posts: () => string[] | undefined;
  lastId: () => string | undefined;
  onEvent: (event: ServerEvent) => void;
  onDown: (isDown: boolean) => void;
}

export interface Source {
  /** What is wanted has changed. */
  reopen: () => void;
  /** Something may be better now: a wait ends, but one that the server asked for. */
  tryNow: () => void;
  close: () => void;
}

/** Milliseconds that the server asks to wait, or 0. */
function askedWait(answer: Response): number {
  const seconds = Number(answer.headers.get("Retry-After") ?? 0);
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}

export function openSource({ posts, lastId, onEvent, onDown }: Wanted): Source {
  let failures = 0, notBefore = 0, isClosed = false, reopening: number | undefined;
  let reading: AbortController | undefined, wake: (() => void) | undefined, refused: string | undefined;

  const take = (event: ServerEvent) => {
    if (event.name === "hello") {
      if (failures >= FAILURES_MAX) onDown(false);
      failures = 0;
    }
    onEvent(event);
  };

  const read = async (watch: string[], abort: AbortController) => {
    const token = session.peek()?.token;
    const headers = headersOf("text/event-stream", token);
    const last = lastId();
    if (last !== undefined) headers.set("Last-Event-ID", last);
    let silence = setTimeout(() => abort.abort(), SILENCE_MS);
    const onBytes = () => {
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort(), SILENCE_MS);
    };
    try {
      const query = watch.length === 0 ? "" : `?watch=${watch.join(",")}`;
      const answer = await fetch(`/stream${query}`, { headers, signal: abort.signal, cache: "no-store" });
      notBefore = Date.now() + askedWait(answer);
      if (answer.status === 401 && token !== undefined) {
        refused = token;
        if (session.peek()?.token === token) hasEnded.value = true;
      }
      if (!answer.ok || answer.body === null) return;
      for await (const event of readEvents(answer.body, onBytes)) take(event);
    } finally {
      clearTimeout(silence);
    }
  };

  const pause = (ms: number) => new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    wake = () => {
      if (Date.now() < notBefore) return;
      clearTimeout(timer);
      resolve();
    };
  });

  /** How long nothing is asked after a stream has ended, or wasn't to be had. */
  const waitAfter = () => {
    const asked = notBefore - Date.now();
    if (asked > 0) return asked;
    return failures >= FAILURES_MAX ? RETRY_DOWN_MS : backoff(failures, Math.random());
  };

  const run = async () => {
    while (!isClosed) {
      const watch = posts();
      if (watch === undefined || (refused !== undefined && session.peek()?.token === refused)) {
        await pause(RETRY_DOWN_MS);
        continue;
      }
      const abort = (reading = new AbortController());
      const failuresBefore = failures;
      failures++;
      await read(watch, abort).catch(() => undefined);
      reading = undefined;
      if (abort.signal.reason === "changed") {
        failures = Math.min(failures, failuresBefore);
        continue;
      }
      if (isClosed) return;
      hasBroken = true;
      if (failures === FAILURES_MAX) onDown(true);
      await pause(waitAfter());
    }
  };

  const stopHearing = session.subscribe(() => refused !== undefined && wake?.());
  void run();
  return {
    reopen() {
      clearTimeout(reopening);
      reopening = window.setTimeout(() => {
        reading?.abort("changed");
        wake?.();
      }, REOPEN_MS);
    },
    tryNow: () => wake?.(),
    close() {
      isClosed = true;
      stopHearing();
      clearTimeout(reopening);
      reading?.abort();
      wake?.();
    },
  };
}
