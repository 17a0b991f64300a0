import type { ComponentChildren } from "preact";
import { useLocation } from "preact-iso";
import { act } from "../api";
import { isLoggedIn, leave } from "../session";
import { isKept } from "../storage";
import { t } from "../text";
import type { Word } from "../words/en";
import { Banner } from "./banner";
import { Relogin } from "./relogin";
import { ThemeButton } from "./theme";

interface Place {
  href: string;
  word: Word;
}

const PLACES: Place[] = [{ href: "/", word: "feed" }, { href: "/templates", word: "templates" }];
/** As the server writes them: api/pages/document.c. */
const PLACES_OF_VISITORS: Place[] = [
  { href: "/", word: "home" }, { href: "/templates", word: "templates" },
  { href: "/signup", word: "signUp" }, { href: "/login", word: "logIn" },
];

/** A bar at the foot of a phone, a rail beside the page where there is room. */
function Navigation() {
  const { path } = useLocation();
  const places = isLoggedIn.value ? PLACES : PLACES_OF_VISITORS;
  return (
    <nav class="rail" aria-label={t("navigation")}>
      {places.map(({ href, word }) => (
        <a key={href} href={href} {...(path === href ? { "aria-current": "page" as const } : {})}>{t(word)}</a>
      ))}
    </nav>
  );
}

/** The session ends here at once, on the server when it hears of it. */
function logOut(): void {
  void act("post", "/auth/logout").catch(() => undefined).finally(leave);
}

/** What surrounds every page. */
export function Shell({ children }: { children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#main">{t("skip")}</a>
      <header class="top">
        <a class="brand" href="/">{t("appName")}</a>
        {isLoggedIn.value && <button type="button" class="quiet" onClick={logOut}>{t("logOut")}</button>}
        <ThemeButton />
      </header>
      <Navigation />
      {!isKept.value && <Banner>{t("notKept")}</Banner>}
      <main id="main">{children}</main>
      <Relogin />
    </>
  );
}
