import type { ComponentChildren } from "preact";
import { isLoggedIn } from "../session";
import { isKept } from "../storage";
import { t } from "../text";
import type { Word } from "../words/en";
import { Banner } from "./banner";
import { Relogin } from "./relogin";
import { ThemeButton } from "./theme";
import { Toasts } from "./toast";

/** Where the rail leads; the phone's bar has the first three and what makes something new. */
const PAGES: { href: string; word: Word; onBar?: boolean }[] = [
  { href: "/", word: "feed", onBar: true },
  { href: "/templates", word: "templates", onBar: true },
];

function Navigation() {
  return (
    <nav class="rail" aria-label={t("navigation")}>
      {PAGES.map(({ href, word, onBar }) => (
        <a key={href} href={href} class={onBar ? "on-bar" : ""} {...(location.pathname === href ? { "aria-current": "page" as const } : {})}>
          {t(word)}
        </a>
      ))}
    </nav>
  );
}

/** What surrounds every page. */
export function Shell({ children }: { children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#main">{t("skip")}</a>
      <header class="top">
        <a class="brand" href="/">{t("appName")}</a>
        {!isLoggedIn.value && <a href="/signup">{t("signUp")}</a>}
        <ThemeButton />
      </header>
      {isLoggedIn.value && <Navigation />}
      {!isKept.value && <Banner>{t("notKept")}</Banner>}
      <main id="main">{children}</main>
      <Relogin />
      <Toasts />
    </>
  );
}
