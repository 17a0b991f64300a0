#include "api/pages/templates.h"

#include "api/pages/parts.h"
#include "base/html.h"

struct page_head templates_head(const struct page_view *view)
{
    return (struct page_head){.title = word(view->language, WORD_TEMPLATES),
                              .description = word(view->language, WORD_TEMPLATES_ABOUT),
                              .type = "website",
                              .address = "/templates"};
}

/* The application makes the same tree: web/src/parts/template/card.tsx. */
static void add_template(struct buf *html, const struct page_view *view, const json_t *template)
{
    const char *id = data_text(template, "id");
    buf_str(html, "<article class=\"template\" id=\"template-");
    buf_html(html, id);
    buf_str(html, "\">");
    part_said(html, "h2", NULL, data_text(template, "name"), "");
    buf_str(html, "<p class=\"meta\">");
    part_counted(html, view->language, WORD_TURNS, data_number(template, "turn_count", 0));
    part_counted(html, view->language, WORD_WORDS, data_number(template, "word_limit", 0));
    part_counted(html, view->language, WORD_USES, data_number(template, "usage_count", 0));
    buf_str(html, "</p>");
    part_said(html, "p", "text rules", data_text(template, "prompt_rules"), "");
    buf_str(html, "<div class=\"acts\">");
    part_link(html, "act", signup_address(html->arena, arena_printf(html->arena, "/battles/new?template=%s", id)),
              word(view->language, WORD_USE));
    buf_str(html, "</div></article>");
}

/* What the page is, or that nothing is there yet, and the way to a template of one's own. */
static void add_intro(struct buf *html, const struct page_view *view, bool is_empty)
{
    buf_str(html, "<div class=\"intro\">");
    part_words(html, "p", "meta", word(view->language, is_empty ? WORD_NO_TEMPLATES : WORD_TEMPLATES_ABOUT));
    part_link(html, "act", signup_address(html->arena, "/templates/new"), word(view->language, WORD_NEW_TEMPLATE));
    buf_str(html, "</div>");
}

void templates_text(struct buf *html, const struct page_view *view)
{
    const json_t *templates = json_object_get(view->data[0], "templates"), *template;
    size_t i;
    part_heading(html, word(view->language, WORD_TEMPLATES));
    add_intro(html, view, json_array_size(templates) == 0);
    json_array_foreach (templates, i, template)
        add_template(html, view, template);
}
