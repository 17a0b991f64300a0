#include "api/pages/shell.h"

#include "api/pages/parts.h"

struct page_head shell_head(const struct page_view *view)
{
    return (struct page_head){.title = word(view->language, view->title),
                              .description = word(view->language, WORD_LANDING),
                              .is_hidden = true};
}

/* The skeleton is what the application shows while it reads (web/src/parts/loaded.tsx), so that
 * nothing moves when it takes over. */
void shell_text(struct buf *html, const struct page_view *view)
{
    part_heading(html, word(view->language, view->title));
    buf_str(html, "<noscript>");
    part_words(html, "p", "note", word(view->language, WORD_NEEDS_SCRIPT));
    part_link(html, "act", "/login", word(view->language, WORD_LOG_IN));
    buf_str(html,
            "</noscript>"
            "<div class=\"skeleton\" aria-hidden=\"true\"><div></div><div></div><div></div></div>");
}
