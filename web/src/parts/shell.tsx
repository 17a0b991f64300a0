import type { ComponentChildren } from "preact";
import { useLocation } from "preact-iso";
import { useEffect } from "preact/hooks";
import { act, isOffline } from "../api";
import { isNewer } from "../build";
import { useLate } from "../late";
import { withPart } from "../part";
import { hasEnded, isLoggedIn, leave } from "../session";
import { isKept } from "../storage";
import { resource } from "../store";
import { number, t } from "../text";
import type { Word } from "../words/en";
import { Banner } from "./banner";
import { FirstKey } from "./first-key";
import { ThemeButton } from "./theme";
import { Toasts } from "./toast";

interface Place {
  href: string;
  word: Word;
  /** What of it waits for the person. */
  counts?: "drafts_count" | "unread_count";
}

/** The first four have a place in a phone's bar, with the new battle between them. */
const PLACES: Place[] = [
  { href: "/", word: "feed" }, { href: "/rooms", word: "rooms" }, { href: "/battles/new", word: "newBattle" },
  { href: "/personas", word: "personas" }, { href: "/drafts", word: "drafts", counts: "drafts_count" },
  { href: "/notifications", word: "notifications", counts: "unread_count" }, { href: "/templates", word: "templates" },
  { href: "/digest", word: "digest" }, { href: "/search", word: "search" }, { href: "/settings", word: "settings" },
];
const IN_BAR = 4;
/** As the server writes them: api/pages/document.c. */
const PLACES_OF_VISITORS: Place[] = [
  { href: "/", word: "home" }, { href: "/templates", word: "templates" },
  { href: "/signup", word: "signUp" }, { href: "/login", word: "logIn" },
];

function PlaceLink({ href, word, counts, path }: Place & { path: string }) {
  const count = counts === undefined ? 0 : resource("/me").state.value.data?.[counts] ?? 0;
  return (
    <a href={href} {...(path === href ? { "aria-current": "page" as const } : {})}>
      {/* A phone's bar shows a sign for it. */}
      {word === "newBattle" ? <span class="plus">{t(word)}</span> : t(word)}{count > 0 && <span class="count-badge">{number(count)}</span>}
    </a>
  );
}

/** A bar at the foot of a phone, with the rest behind its last button; a rail where there is room. */
function Navigation() {
  const { path } = useLocation();
  const links = (places: Place[]) => places.map((place) => <PlaceLink key={place.href} {...place} path={path} />);
  useEffect(() => {
    if (isLoggedIn.value) void resource("/me").load();
  }, [isLoggedIn.value]);
  useEffect(() => document.getElementById("more")?.hidePopover?.(), [path]);
  if (!isLoggedIn.value) return <nav class="rail" aria-label={t("navigation")}>{links(PLACES_OF_VISITORS)}</nav>;
  return (
    <nav class="rail" aria-label={t("navigation")}>
      {links(PLACES.slice(0, IN_BAR))}
      <button type="button" class="more" popovertarget="more">{t("more")}</button>
      <div class="rest" id="more" popover="auto">{links(PLACES.slice(IN_BAR))}</div>
    </nav>
  );
}

let isLeaving = false;

/** The session ends here at once, on the server when it hears of it. */
function logOut(): void {
  if (isLeaving) return;
  isLeaving = true;
  void act("post", "/auth/logout", { outlives: true }).catch(() => undefined);
  leave();
}

/** What surrounds every page. */
export function Shell({ children }: { children: ComponentChildren }) {
  const Relogin = useLate(hasEnded.value, () => withPart("more", () => import("./relogin")));
  return (
    <>
      <a class="skip" href="#main">{t("skip")}</a>
      <header class="top">
        <a class="brand" href="/">{t("appName")}</a>
        {isLoggedIn.value && <button type="button" class="quiet" onClick={logOut}>{t("logOut")}</button>}
        <ThemeButton />
      </header>
      <Navigation />
      {isOffline.value && <Banner isOver>{t("offline")}</Banner>}
      {!isKept.value && <Banner>{t("notKept")}</Banner>}
      <main id="main">{children}</main>
      {Relogin && <Relogin />}
      {isNewer.value && (
        <p class="version" role="status">{t("newVersion")} <button type="button" class="link" onClick={() => location.reload()}>{t("reload")}</button></p>
      )}
      <Toasts />
      {isLoggedIn.value && <FirstKey />}
    </>
  );
}
