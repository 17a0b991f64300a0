#include "api/pages/document.h"

#include <string.h>

#include "api/pages/parts.h"
#include "base/html.h"
#include "domain/card/card.h"
#include "web_assets.h" /* made by the build */

/* ---- the shell ---- */

/* The document around what this file writes, in order: before the language, before the head's own
 * tags, between head and body, and at the end. Where the application has the page, it takes over
 * what is in #app. There are no line ends between elements: it would move all that stands behind
 * one, and a field that is typed into would lose the caret. */
static const char shell_start[] = "<!doctype html>\n<html lang=\"";
static const char shell_head[] =
    "\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
static const char shell_body[] =
    "</head>\n"
    "<body><div id=\"app\">";
static const char shell_end[] =
    "</body>\n"
    "</html>\n";

static const char site[] = "PersonaWorlds";

/* ---- the head ---- */

/* <meta name="…" content="…"> with `kind` "name", or "property" as Open Graph has it. */
static void add_meta(struct buf *html, const char *kind, const char *name, const char *content)
{
    buf_printf(html, "<meta %s=\"%s\" content=\"", kind, name);
    buf_html(html, content);
    buf_str(html, "\">\n");
}

static void add_meta_number(struct buf *html, const char *name, int number)
{
    add_meta(html, "property", name, arena_printf(html->arena, "%d", number));
}

static void add_link(struct buf *html, const char *kind, const char *address)
{
    buf_printf(html, "<link %s href=\"", kind);
    buf_html(html, address);
    buf_str(html, "\">\n");
}

/* An address of this origin with the origin. */
static const char *whole(const struct page_view *view, const char *address)
{
    return arena_printf(view->arena, "%s%s", view->origin, address);
}

static void add_card(struct buf *html, const struct page_view *view, const struct page_head *head)
{
    add_meta(html, "name", "twitter:card", head->card ? "summary_large_image" : "summary");
    if (!head->card)
        return;
    add_meta(html, "property", "og:image", whole(view, head->card));
    add_meta(html, "property", "og:image:type", "image/png");
    add_meta_number(html, "og:image:width", CARD_WIDTH);
    add_meta_number(html, "og:image:height", CARD_HEIGHT);
    add_meta(html, "property", "og:image:alt", head->card_text);
}

/* The Open Graph protocol, which Twitter's cards fall back to. */
static void add_preview(struct buf *html, const struct page_view *view, const struct page_head *head)
{
    static const char *const locales[LANGUAGES] = {[LANGUAGE_EN] = "en_US", [LANGUAGE_TR] = "tr_TR"};
    add_link(html, "rel=\"canonical\"", whole(view, head->address));
    add_meta(html, "property", "og:site_name", site);
    add_meta(html, "property", "og:title", head->title);
    add_meta(html, "property", "og:description", head->description);
    add_meta(html, "property", "og:type", head->type);
    add_meta(html, "property", "og:url", whole(view, head->address));
    add_meta(html, "property", "og:locale", locales[view->language]);
    if (head->published)
        add_meta(html, "property", "article:published_time", head->published);
    add_card(html, view, head);
}

static void add_head(struct buf *html, const struct page_view *view, const struct page_head *head)
{
    buf_str(html, "<title>");
    buf_html(html, head->title);
    buf_printf(html, " · %s</title>\n", site);
    add_meta(html, "name", "description", head->description);
    if (head->is_hidden)
        add_meta(html, "name", "robots", "noindex");
    if (head->address)
        add_preview(html, view, head);
    if (head->oembed)
        add_link(html, "rel=\"alternate\" type=\"application/json+oembed\"", whole(view, head->oembed));
    if (head->atom)
        add_link(html, "rel=\"alternate\" type=\"application/atom+xml\"", whole(view, head->atom));
    buf_str(html,
            "<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\n"
            "<link rel=\"manifest\" href=\"/manifest.webmanifest\">\n");
    buf_str(html, web_tags);
}

/* ---- the body ---- */

static void add_navigation(struct buf *html, enum language language)
{
    static const struct {
        const char *address;
        enum word word;
    } places[] = {{"/", WORD_HOME}, {"/templates", WORD_TEMPLATES}, {"/signup", WORD_SIGN_UP}, {"/login", WORD_LOG_IN}};
    buf_str(html, "<nav class=\"rail\" aria-label=\"");
    buf_html(html, word(language, WORD_NAVIGATION));
    buf_str(html, "\">");
    for (size_t i = 0; i < COUNT(places); i++)
        part_link(html, NULL, places[i].address, word(language, places[i].word));
    buf_str(html, "</nav>");
}

void document_begin(struct buf *html, const struct page_view *view, const struct page_head *head)
{
    buf_str(html, shell_start);
    buf_str(html, language_names[view->language]);
    buf_str(html, shell_head);
    add_head(html, view, head);
    buf_str(html, shell_body);
    part_link(html, "skip", "#main", word(view->language, WORD_SKIP));
    buf_printf(html, "<header class=\"top\"><a class=\"brand\" href=\"/\">%s</a></header>", site);
    add_navigation(html, view->language);
    buf_str(html, "<main id=\"main\">");
}

/* Each answer comes as it is, but for escapes, so that nothing is read or written anew. */
static void add_boot(struct buf *html, const struct page_answer *answers, int count)
{
    buf_str(html, "<script type=\"application/json\" id=\"boot\">{");
    for (int i = 0; i < count; i++) {
        struct buf path = buf_new(html->arena);
        buf_json(&path, answers[i].path);
        buf_str(html, i ? "," : "");
        buf_html_json(html, path.text, path.len);
        buf_str(html, ":");
        buf_html_json(html, answers[i].json, answers[i].len);
    }
    buf_str(html, "}</script>\n");
}

void document_end(struct buf *html, const struct page_answer *answers, int count)
{
    buf_str(html, "</main></div>\n");
    if (count > 0)
        add_boot(html, answers, count);
    buf_str(html, shell_end);
}
