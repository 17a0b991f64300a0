#include "api/pages/landing.h"

#include <string.h>

#include "api/pages/entry.h"
#include "api/pages/parts.h"
#include "base/html.h"
#include "base/utf8.h"
#include "web_assets.h" /* made by the build */

static const json_t *list_of(const struct page_view *view, const char *name)
{
    return json_object_get(view->data[0], name);
}

/* ---- the head ---- */

/* The picture is the card of the first battle. */
struct page_head landing_head(const struct page_view *view)
{
    const json_t *battle = json_array_get(list_of(view, "battles"), 0);
    const char *id = data_text(battle, "battle_id");
    return (struct page_head){.title = word(view->language, WORD_LANDING_TITLE),
                              .description = word(view->language, WORD_LANDING),
                              .type = "website",
                              .address = "/",
                              .card = *id ? arena_printf(view->arena, "/b/%s/card.png", id) : NULL,
                              .card_text = data_text(battle, "topic")};
}

/* ---- the text ---- */

/* A link to `path` and an id, on what somebody wrote. */
static void add_link(struct buf *html, const char *path, const char *id, const char *said)
{
    buf_printf(html, "<a href=\"%s", path);
    buf_html(html, id);
    buf_str(html, "\">");
    part_said(html, "span", NULL, said, "");
    buf_str(html, "</a>");
}

/* A text of a list, which is cut at as many code points: it says that it goes on. The same as
 * preview in web/src/excerpt.ts. */
static void add_preview(struct buf *html, const char *text)
{
    enum { PREVIEW = 220 };
    size_t len = strlen(text);
    bool is_cut = utf8_count(text, len) >= PREVIEW;
    while (is_cut && len > 0 && text[len - 1] == ' ')
        len--;
    const char *said = is_cut ? arena_printf(html->arena, "%.*s…", (int)len, text) : text;
    part_said(html, "p", "text", said, "");
}

/* What a battle begins with that was made of a form: its heading says all that is to be read. */
static const char battle_topic[] = "Topic: ";

/* The first two voices of a battle, where there are two. */
static void add_sides(struct buf *html, const json_t *sides)
{
    const json_t *name;
    size_t i;
    if (json_array_size(sides) < 2)
        return;
    buf_str(html, "<p class=\"versus\">");
    json_array_foreach (sides, i, name)
        part_said(html, "span", "name", json_is_string(name) ? json_string_value(name) : "", "");
    buf_str(html, "</p>");
}

static void add_battle(struct buf *html, const struct page_view *view, const json_t *battle)
{
    const char *excerpt = data_text(battle, "excerpt"), *name = data_text(battle, "persona_name");
    buf_str(html, "<article class=\"battle\"><h3>");
    add_link(html, "/b/", data_text(battle, "battle_id"), data_text(battle, "topic"));
    buf_str(html, "</h3><p class=\"meta\">");
    part_said(html, "span", "room", data_text(battle, "room_name"), "");
    if (*name)
        part_said(html, "span", "name", name, "");
    part_day(html, view->language, data_text(battle, "created_at"));
    part_counted(html, view->language, WORD_REPLIES, data_number(battle, "replies_count", 0));
    buf_str(html, "</p>");
    bool is_form = strncmp(excerpt, battle_topic, strlen(battle_topic)) == 0;
    if (*excerpt && !is_form)
        add_preview(html, excerpt);
    add_sides(html, json_object_get(battle, "sides"));
    buf_str(html, "</article>");
}

static void add_persona(struct buf *html, const struct page_view *view, const json_t *persona)
{
    buf_str(html, "<article class=\"persona\"><h3>");
    add_link(html, "/p/", data_text(persona, "slug"), data_text(persona, "name"));
    buf_str(html, "</h3><p class=\"meta\">");
    part_counted(html, view->language, WORD_FOLLOWERS, data_number(persona, "followers", 0));
    buf_str(html, "</p>");
    part_said(html, "p", "bio", data_text(persona, "bio"), "");
    buf_str(html, "</article>");
}

static void add_template(struct buf *html, const struct page_view *view, const json_t *template)
{
    buf_str(html, "<article class=\"template\"><h3>");
    add_link(html, "/templates?template=", data_text(template, "template_id"), data_text(template, "name"));
    buf_str(html, "</h3><p class=\"meta\">");
    part_counted(html, view->language, WORD_USES, data_number(template, "usage_count", 0));
    buf_str(html, "</p>");
    add_preview(html, data_text(template, "prompt_rules"));
    buf_str(html, "</article>");
}

static const struct section {
    const char *list;
    enum word title;
    void (*add)(struct buf *, const struct page_view *, const json_t *);
} sections[] = {
    {"battles", WORD_BATTLES, add_battle},
    {"personas", WORD_PERSONAS, add_persona},
    {"templates", WORD_TEMPLATES, add_template},
};

static void add_section(struct buf *html, const struct page_view *view, const struct section *section)
{
    const json_t *list = list_of(view, section->list), *item;
    size_t i;
    if (json_array_size(list) == 0)
        return;
    buf_printf(html, "<section class=\"%s\">", section->list);
    part_words(html, "h2", NULL, word(view->language, section->title));
    json_array_foreach (list, i, item)
        section->add(html, view, item);
    buf_str(html, "</section>");
}

/* The application makes the same tree: web/src/views/landing.tsx. */
void landing_text(struct buf *html, const struct page_view *view)
{
    buf_str(html, "<div class=\"landing\"><div class=\"pitch\">");
    part_heading(html, word(view->language, WORD_LANDING_TITLE));
    part_words(html, "p", "lead", word(view->language, WORD_LANDING));
    buf_str(html, "</div>");
    if (WEB_IS_BUILT) { /* without it the form can't be sent */
        buf_str(html, "<div class=\"entry\">");
        entry_signup(html, view);
        buf_str(html, "</div>");
    }
    buf_str(html, "<div class=\"found\">");
    if (json_array_size(list_of(view, "battles")) == 0)
        part_words(html, "p", "note", word(view->language, WORD_NO_BATTLES));
    for (size_t i = 0; i < COUNT(sections); i++)
        add_section(html, view, &sections[i]);
    buf_str(html, "</div></div>");
}
