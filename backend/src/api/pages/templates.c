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

static void add_template(struct buf *html, const struct page_view *view, const json_t *template)
{
    const char *id = data_text(template, "id");
    buf_str(html, "<article class=\"template\" id=\"template-");
    buf_html(html, id);
    buf_str(html, "\">\n");
    part_said(html, "h2", NULL, data_text(template, "name"), "");
    buf_str(html, "<p class=\"meta\">");
    part_counted(html, view->language, WORD_TURNS, data_number(template, "turn_count", 0));
    part_counted(html, view->language, WORD_WORDS, data_number(template, "word_limit", 0));
    part_counted(html, view->language, WORD_USES, data_number(template, "usage_count", 0));
    buf_str(html, "</p>\n");
    part_said(html, "p", "text", data_text(template, "prompt_rules"), "");
    part_link(html, "act", signup_address(html->arena, arena_printf(html->arena, "/?template=%s#feed", id)),
              word(view->language, WORD_USE));
    buf_str(html, "</article>\n");
}

void templates_text(struct buf *html, const struct page_view *view)
{
    const json_t *templates = json_object_get(view->data[0], "templates"), *template;
    size_t i;
    part_heading(html, word(view->language, WORD_TEMPLATES));
    part_words(html, "p", "meta",
               word(view->language, json_array_size(templates) ? WORD_TEMPLATES_ABOUT : WORD_NO_TEMPLATES));
    json_array_foreach (templates, i, template)
        add_template(html, view, template);
}
