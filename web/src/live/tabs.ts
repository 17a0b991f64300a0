// All tabs of a browser share one stream, as a browser keeps six connections to a server and no
// more: the tab that holds the lock reads, and hands what comes to the others. Where there are no
// locks (plain HTTP at an address of one's own network), each tab that is seen reads for itself.
import { tell } from "./events";
import { isOld, union, type Watched } from "./rules";
import { openSource, type Source } from "./stream";
import { toldOf, type Told } from "./told";
import type { ServerEvent } from "../events";

const HIDDEN_MAX_MS = 5 * 60_000;

interface Tab {
  watched: Watched;
  /** Seen, or hidden for a short while. */
  isActive: boolean;
}

type Message =
  | { kind: "tab"; id: string; tab: Tab }
  | { kind: "left"; id: string }
  | { kind: "who" }
  | { kind: "event"; event: ServerEvent }
  | { kind: "told"; told: Told }
  | { kind: "down"; isDown: boolean };

export interface Tabs {
  /** What this tab watches has changed. */
  changed: () => void;
  leave: () => void;
}

interface Wishes {
  watched: () => Watched;
  /** A stream is wanted although nothing is watched. */
  isUser: boolean;
  onDown: (isDown: boolean) => void;
  onLead: () => void;
}

function newId(): string {
  return crypto.getRandomValues(new Uint32Array(2)).join("-");
}

/** The last event that any tab of the browser heard of: every tab knows it, and any may have to go on. */
let lastId: string | undefined;

/** Without an id an event is about the stream itself; `hello` and `reset` have one, and are always news. */
function hear({ name, data, id }: ServerEvent): void {
  const isOfStream = name === "hello" || name === "reset" || id === undefined;
  if (!isOfStream && isOld(lastId, id)) return;
  lastId = id ?? lastId;
  tell(name, data);
}

export function joinTabs(name: string, { watched, isUser, onDown, onLead }: Wishes): Tabs {
  const canShare = "locks" in navigator && "BroadcastChannel" in window;
  const channel = canShare ? new BroadcastChannel(name) : undefined;
  const own = newId(), tabs = new Map<string, Tab>(), left = new AbortController();
  let source: Source | undefined, release: (() => void) | undefined, hiding: number | undefined;
  let isActive = document.visibilityState === "visible", isDown = false;

  const send = (message: Message) => channel?.postMessage(message);

  const wanted = () => {
    const active = [...tabs.values()].filter((tab) => tab.isActive);
    const posts = union(active.map((tab) => tab.watched));
    return active.length > 0 && (isUser || posts.length > 0) ? posts : undefined;
  };

  let asked = "";
  const reopen = () => {
    const now = JSON.stringify(wanted()?.sort());
    if (now === asked) return;
    asked = now;
    source?.reopen();
  };

  /** A tab is there, or watches something else. The stream may tell of that already, and what the tab
   * has read is of before it listened. */
  const note = (id: string, tab: Tab) => {
    const before = tabs.get(id)?.watched, added = Object.keys(tab.watched).filter((post) => before?.[post] === undefined);
    tabs.set(id, tab);
    if (source === undefined || (before !== undefined && added.length === 0)) return;
    const told = toldOf(added);
    if (id === own) tell("told", told);
    else send({ kind: "told", told });
  };

  const announce = () => {
    const tab = { watched: watched(), isActive };
    send({ kind: "tab", id: own, tab });
    note(own, tab);
    reopen();
  };

  const setDown = (next: boolean) => {
    isDown = next;
    send({ kind: "down", isDown });
    onDown(isDown);
  };

  const lead = () => {
    send({ kind: "who" });
    setDown(false);
    onLead();
    asked = JSON.stringify(wanted()?.sort());
    source = openSource({
      posts: wanted,
      lastId: () => lastId,
      onEvent(event) {
        send({ kind: "event", event });
        hear(event);
      },
      onDown: setDown,
    });
  };

  const take = (message: Message) => {
    if (message.kind === "event") hear(message.event);
    else if (message.kind === "told") tell("told", message.told);
    else if (message.kind === "down") onDown(message.isDown);
    else if (message.kind === "who") send({ kind: "tab", id: own, tab: { watched: watched(), isActive } });
    else if (message.kind === "left") tabs.delete(message.id);
    else {
      if (isDown && source !== undefined && !tabs.has(message.id)) send({ kind: "down", isDown });
      note(message.id, message.tab);
    }
    if (source !== undefined) reopen();
  };

  const setActive = (next: boolean) => {
    if (next === isActive) return;
    isActive = next;
    announce();
  };

  const onVisibility = () => {
    clearTimeout(hiding);
    if (document.visibilityState === "visible") {
      setActive(true);
      source?.tryNow();
    } else hiding = window.setTimeout(() => setActive(false), canShare ? HIDDEN_MAX_MS : 0);
  };

  const onGone = () => send({ kind: "left", id: own });
  const { signal } = left;
  channel?.addEventListener("message", ({ data }) => take(data as Message), { signal });
  document.addEventListener("visibilitychange", onVisibility, { signal });
  addEventListener("online", () => source?.tryNow(), { signal });
  addEventListener("pagehide", onGone, { signal });
  const onReturn = ({ persisted }: PageTransitionEvent) => {
    if (!persisted) return;
    announce();
    tell("reset", {}); // a page that is only kept hears nothing
  };
  addEventListener("pageshow", onReturn, { signal });
  announce();
  if (canShare)
    navigator.locks.request(name, { signal }, () => {
      lead();
      return new Promise<void>((resolve) => (release = resolve));
    }).catch(() => undefined); // left before its turn came
  else lead();

  return {
    changed: announce,
    leave() {
      onGone();
      clearTimeout(hiding);
      left.abort();
      source?.close();
      release?.();
      channel?.close();
    },
  };
}
