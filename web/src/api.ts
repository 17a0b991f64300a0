// The only caller of fetch but stream.ts. An answer is what the route's row in /openapi.json says;
// anything else is a Failure, which knows when another try makes sense.
import { signal } from "@preact/signals";
import type { paths } from "./contract";
import { answered, keyFor, mayBeDone } from "./once";
import { hasEnded, session } from "./session";

type Method = "get" | "post" | "put" | "delete";
export type Path<M extends Method> = {
  [P in keyof paths]: paths[P][M] extends object ? P : never;
}[keyof paths] & string;
type Operation<M extends Method, P extends Path<M>> = paths[P][M] extends infer O ? O : never;
type Json<R> = R extends { content: { "application/json": infer Body } } ? Body : undefined;
type Good<R> = R extends Record<number, unknown>
  ? { [S in keyof R]: S extends 200 | 201 | 202 ? Json<R[S]> : never }[keyof R]
  : never;
/** The body of a good answer. */
export type Answer<M extends Method, P extends Path<M>> =
  Operation<M, P> extends { responses: infer R } ? Good<R> : never;

export class Failure extends Error {
  constructor(
    /** 0: no answer came. */
    readonly status: number,
    readonly code: string,
    sentence: string,
    readonly requestId: string | undefined,
    /** Milliseconds since 1970. */
    readonly retryAt: number | undefined,
    /** The same was sent before, and had no answer: it may have been done then. */
    readonly isRepeated = false,
  ) {
    super(sentence);
  }

  get isOffline(): boolean {
    return this.status === 0;
  }

  get isLimit(): boolean {
    return this.status === 429;
  }

  /** A read may be asked again by itself. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export interface Asked {
  body?: unknown;
  /** What stands in the path's braces, and behind "?". */
  at?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  etag?: string | undefined;
  signal?: AbortSignal;
  /** Sent to its end even where the page goes meanwhile. */
  outlives?: boolean;
}

interface Answered<T> {
  /** Undefined where nothing changed since `etag`. */
  data: T | undefined;
  etag: string | undefined;
}

/** The address that is asked. */
export function urlOf(path: string, { at = {}, query = {} }: Asked): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(at[name] ?? ""));
  const wanted = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) wanted.set(name, String(value));
  const search = wanted.toString();
  return search === "" ? filled : `${filled}?${search}`;
}

/** By the header, else by what the quota of a day says. */
function retryTime(answer: Response, retryAt: string | undefined): number | undefined {
  const seconds = Number(answer.headers.get("Retry-After") ?? NaN);
  if (Number.isFinite(seconds)) return Date.now() + seconds * 1000;
  return retryAt === undefined ? undefined : Date.parse(retryAt);
}

async function failureOf(answer: Response, isRepeated = false): Promise<Failure> {
  const said: unknown = await answer.json().catch(() => undefined);
  const { error, code, request_id, retry_at } = (said ?? {}) as Record<string, string | undefined>;
  const wait = retryTime(answer, retry_at);
  return new Failure(answer.status, code ?? "", error ?? answer.statusText, request_id, wait, isRepeated);
}

/** The headers of every request. */
export function headersOf(accept: string, sentToken: string | undefined): Headers {
  const headers = new Headers({ Accept: accept });
  if (sentToken !== undefined) headers.set("Authorization", `Bearer ${sentToken}`);
  return headers;
}

/** The last request had no answer. */
export const isOffline = signal(false);

const PROBE_MS = 5000;
let probe: number | undefined;

/** The server's answer ends it: what the browser says of the network is a hint. */
function setOffline(next: boolean): void {
  if (next === isOffline.peek()) return;
  isOffline.value = next;
  clearInterval(probe);
  const look = () => void fetch("/healthz").then(() => setOffline(false), () => undefined);
  if (next) probe = window.setInterval(look, PROBE_MS);
}

async function send(
  method: Method, path: string, asked: Asked, sentToken: string | undefined, key?: string, accept = "application/json",
): Promise<Response> {
  const headers = headersOf(accept, sentToken);
  if (key !== undefined) headers.set("Idempotency-Key", key);
  if (asked.body !== undefined) headers.set("Content-Type", "application/json");
  if (asked.etag !== undefined) headers.set("If-None-Match", asked.etag);
  const init: RequestInit = { method: method.toUpperCase(), headers, cache: "no-store" };
  if (asked.body !== undefined) init.body = JSON.stringify(asked.body);
  if (asked.signal !== undefined) init.signal = asked.signal;
  if (asked.outlives) init.keepalive = true;
  try {
    const answer = await fetch(urlOf(path, asked), init);
    setOffline(false);
    return answer;
  } catch (problem) {
    if (problem instanceof DOMException && problem.name === "AbortError") throw problem;
    setOffline(true);
    throw new Failure(0, "offline", "no answer", undefined, undefined);
  }
}

/** A refused token is this browser's end of the session, unless another one came meanwhile. */
function noteEnd(answer: Response, sentToken: string | undefined): void {
  if (answer.status === 401 && sentToken !== undefined && session.value?.token === sentToken) hasEnded.value = true;
}

export async function ask<M extends Method, P extends Path<M>>(
  method: M, path: P, asked: Asked = {},
): Promise<Answered<Answer<M, P>>> {
  const sentToken = session.value?.token;
  const answer = await send(method, path, asked, sentToken);
  const etag = answer.headers.get("ETag") ?? undefined;
  if (answer.status === 304) return { data: undefined, etag };
  noteEnd(answer, sentToken);
  if (!answer.ok) throw await failureOf(answer);
  return { data: (await answer.json()) as Answer<M, P>, etag };
}

const REPEATS_MAX = 10;

/** The first try of the same request still runs: its answer is waited for. */
function isRunning(failure: Failure): boolean {
  return failure.status === 409 && failure.retryAt !== undefined;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Sends an act until it has an answer that is one: a refusal or success, or none for unknown reasons. */
export async function untilAnswered<T>(
  method: Method, path: string, asked: Asked, accept: string, read: (answer: Response) => Promise<T>,
): Promise<T> {
  const sentToken = session.value?.token;
  const request = JSON.stringify([session.value?.user, method, urlOf(path, asked), asked.body]);
  const isRepeated = mayBeDone(request);
  const key = keyFor(request);
  const sentKey = method === "post" && sentToken !== undefined ? key : undefined;
  for (let tries = 1; ; tries++) {
    const answer = await send(method, path, asked, sentToken, sentKey, accept);
    noteEnd(answer, sentToken);
    if (answer.ok) {
      const result = await read(answer);
      answered(request);
      return result;
    }
    const failure = await failureOf(answer, isRepeated);
    if (isRunning(failure) && tries < REPEATS_MAX) {
      await wait(Math.max(0, (failure.retryAt ?? 0) - Date.now()));
      continue;
    }
    if (failure.status < 500) answered(request);
    throw failure;
  }
}

/** An act: its answer, which always has a body. A repetition of one that wasn't answered acts once. */
export async function act<M extends Method, P extends Path<M>>(
  method: M, path: P, asked: Asked = {},
): Promise<Answer<M, P>> {
  return untilAnswered(method, path, asked, "application/json", (answer) => answer.json() as Promise<Answer<M, P>>);
}

/** Deletes; what was deleted by a try that had no answer is, too. */
export async function remove<P extends Path<"delete">>(path: P, asked: Asked): Promise<void> {
  try {
    await act("delete", path, asked);
  } catch (problem) {
    if (!(problem instanceof Failure && problem.status === 404 && problem.isRepeated)) throw problem;
  }
}
