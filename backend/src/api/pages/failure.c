#include "api/pages/failure.h"

#include <string.h>

#include "api/http/answer.h"
#include "api/pages/choice.h"
#include "api/pages/document.h"
#include "api/pages/page.h"
#include "api/pages/parts.h"

/* The first row that fits; a sentence of NULL fits any. */
static const struct failure {
    int status;
    const char *sentence;
    enum word title, about;
} failures[] = {
    {404, NULL, WORD_NOT_FOUND, WORD_NOT_FOUND_ABOUT},
    {429, NULL, WORD_LIMITED, WORD_LIMITED_ABOUT},
    {503, "database is not available", WORD_AWAY, WORD_AWAY_ABOUT},
    {503, NULL, WORD_BUSY, WORD_BUSY_ABOUT},
    {504, NULL, WORD_SLOW, WORD_SLOW_ABOUT},
};

static const struct failure *failure_of(int status, const char *sentence)
{
    static const struct failure other = {.title = WORD_FAILED, .about = WORD_FAILED_ABOUT};
    for (size_t i = 0; i < COUNT(failures); i++)
        if (failures[i].status == status && (!failures[i].sentence || strcmp(failures[i].sentence, sentence) == 0))
            return &failures[i];
    return &other;
}

/* An address that can't be one, and a draft, are not there for the reader of a page. */
static bool is_not_there(int status)
{
    return status == 400 || status == 403 || status == 404;
}

void page_fail(struct call *call, int status, const char *sentence)
{
    int shown = is_not_there(status) ? 404 : status;
    const struct failure *failure = failure_of(shown, sentence);
    const struct page_view view = {.arena = call->arena, .language = choice_language(call)};
    const char *title = word(view.language, failure->title);
    const char *about = word_counted(call->arena, view.language, failure->about, (int64_t)call->retry_after_s);
    const struct page_head head = {.title = title, .description = about, .is_hidden = true};
    struct buf html = buf_new(call->arena);
    document_begin(&html, &view, &head);
    part_words(&html, "h1", NULL, title);
    part_words(&html, "p", "text", about);
    part_words(&html, "p", "note", word_with(call->arena, view.language, WORD_REQUEST, call->request_id));
    part_link(&html, "act", "/", word(view.language, WORD_HOME));
    document_end(&html, NULL, 0);
    http_add_header(call->http, "Cache-Control", "no-store");
    call_answer_text(call, shown, PAGE_TYPE, html.text, html.len);
}
