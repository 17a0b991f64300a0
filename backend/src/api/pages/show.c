#include "api/pages/show.h"

#include <string.h>

#include "api/http/answer.h"
#include "api/http/answer_cache.h"
#include "api/http/caching.h"
#include "api/http/public.h"
#include "api/pages/choice.h"
#include "api/pages/document.h"
#include "api/pages/words.h"
#include "api/site/kept_page.h"
#include "sys/db/json.h"
#include "sys/gzip.h"
#include "sys/http/accept.h"

struct visit;

/* One statement of a page. */
struct asking {
    struct visit *visit;
    const struct page_source *source;
    struct db_call *call; /* NULL: not under way */
    struct page_answer answer;
};

struct visit {
    struct call *call;
    enum language language;
    struct asking askings[PAGE_SOURCES_MAX];
    int count, left;
    const char *event_metadata;
    bool is_near_end; /* what it shows may not be shown for a second more */
};

/* ---- memory ---- */

static bool takes_gzip(struct call *call)
{
    return accept_coding(http_header_list(call->http, "Accept-Encoding"), "gzip") > 0;
}

static struct answer_key key_of(struct call *call, enum language language)
{
    const char *id = call->ids[0] ? call->ids[0] : "";
    const char *form = takes_gzip(call) ? "gzip" : "";
    return (struct answer_key){.route = call->route,
                               .id = arena_printf(call->arena, "%s %s %s", language_names[language], form, id)};
}

static void answer_page(struct call *call, const struct cached_answer *answer)
{
    http_add_header(call->http, "Cache-Control", "no-cache");
    public_answer_view(call, answer);
}

static bool answer_from_memory(struct call *call, enum language language)
{
    const struct cached_answer *answer =
        answer_cache_find(call->api->answers, call->arena, key_of(call, language), call->http->started);
    caching_count(call, answer ? CACHE_HIT : CACHE_MISS);
    if (answer)
        answer_page(call, answer);
    return answer != NULL;
}

/* ---- the page ---- */

static void free_json(void *json)
{
    json_decref(json);
}

/* NULL: the statement's JSON is none. */
static const json_t *parse(struct call *call, const struct page_answer *answer)
{
    json_t *json = json_loadb(answer->json, answer->len, 0, NULL);
    if (json)
        arena_defer(call->arena, free_json, json);
    return json;
}

static bool read_answers(const struct visit *visit, struct page_view *view)
{
    for (int i = 0; i < visit->count; i++) {
        view->data[i] = parse(visit->call, &visit->askings[i].answer);
        if (!view->data[i])
            return false;
    }
    return true;
}

static struct buf write_page(const struct visit *visit, const struct page_view *view)
{
    const struct page *page = visit->call->route->page;
    const struct page_head head = page->head(view);
    struct page_answer answers[PAGE_SOURCES_MAX];
    struct buf html = buf_new(view->arena);
    for (int i = 0; i < visit->count; i++)
        answers[i] = visit->askings[i].answer;
    document_begin(&html, view, &head);
    page->text(&html, view);
    document_end(&html, answers, visit->count);
    return html;
}

/* As it is sent: shorter where the client takes that and there is something to win. */
static struct cached_answer answer_of(struct call *call, const struct buf *html)
{
    enum { WORTH_IT = 1024 };
    struct cached_answer answer = {.body = html->text, .len = html->len, .etag = etag_of(call->arena, html->text)};
    size_t len = 0;
    const char *pressed =
        html->len >= WORTH_IT && takes_gzip(call) ? gzip_press(call->arena, html->text, html->len, &len) : NULL;
    if (!pressed)
        return answer;
    const char *etag = arena_printf(call->arena, "%.*s-gzip\"", (int)strlen(answer.etag) - 1, answer.etag);
    return (struct cached_answer){.body = pressed, .len = len, .etag = etag, .is_gzip = true};
}

static void show(struct visit *visit)
{
    struct call *call = visit->call;
    const struct page *page = call->route->page;
    struct page_view view = {.arena = call->arena,
                             .language = visit->language,
                             .title = page->title,
                             .origin = call->api->config->frontend_origin};
    if (!read_answers(visit, &view)) {
        call->error = "a statement's answer is no JSON";
        call_fail(call, 500, "internal server error");
        return;
    }
    if (page->seen)
        page->seen(call, &view);
    struct buf html = write_page(visit, &view);
    struct cached_answer answer = answer_of(call, &html);
    answer.event_metadata = visit->event_metadata;
    if (call->route->in_memory && !visit->is_near_end)
        answer_cache_keep(call->api->answers, key_of(call, visit->language), &answer, call->http->started);
    answer_page(call, &answer);
}

/* ---- the statements ---- */

static void drop_visit(void *ctx)
{
    struct visit *visit = ctx;
    for (int i = 0; i < visit->count; i++)
        if (visit->askings[i].call)
            db_drop(visit->askings[i].call);
}

static void on_answer(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct asking *asking = ctx;
    struct visit *visit = asking->visit;
    struct call *call = visit->call;
    asking->call = NULL;
    call->statement = asking->source->sql;
    if (!call_has_rows(call, outcome, rows, false))
        return;
    if (db_answer_status(rows) != 200) {
        call_answer_row(call, rows);
        return;
    }
    const char *metadata = call->route->event ? db_column(rows, "_event_metadata") : NULL;
    if (metadata)
        visit->event_metadata = arena_strdup(call->arena, metadata);
    asking->answer.json = asking->source->json ? asking->source->json(call->arena, rows, &asking->answer.len)
                                               : db_answer_body(rows, call->arena, &asking->answer.len);
    if (--visit->left > 0)
        return;
    call_got(call, drop_visit);
    show(visit);
}

static const char *param_of(const struct call *call, enum page_param param)
{
    switch (param) {
    case PAGE_ID: return call->ids[0];
    case PAGE_ORIGIN: return call->api->config->frontend_origin;
    case PAGE_NULL:
    case PAGE_PARAMS_END: break;
    }
    return NULL;
}

/* "/b/{}/meta" with the page's id. */
static const char *path_of(struct call *call, const char *path)
{
    const char *at = strstr(path, "{}");
    return at ? arena_printf(call->arena, "%.*s%s%s", (int)(at - path), path, call->ids[0], at + 2) : path;
}

static void ask(struct visit *visit, const struct page_source *source)
{
    struct call *call = visit->call;
    struct asking *asking = &visit->askings[visit->count++];
    const char *params[SQL_MAX_PARAMS];
    for (int i = 0; i < SQL_MAX_PARAMS; i++)
        params[i] = param_of(call, source->params[i]);
    *asking = (struct asking){.visit = visit, .source = source, .answer.path = path_of(call, source->path)};
    asking->call = db_query(call->api->db, source->sql, params, on_answer, asking);
}

static struct visit *visit_new(struct call *call)
{
    struct visit *visit = arena_alloc(call->arena, sizeof *visit);
    *visit = (struct visit){.call = call, .language = choice_language(call)};
    return visit;
}

static void ask_all(struct call *call)
{
    const struct page_source *sources = call->route->page->sources;
    struct visit *visit = visit_new(call);
    for (int i = 0; i < PAGE_SOURCES_MAX && sources[i].path; i++)
        ask(visit, &sources[i]);
    visit->left = visit->count;
    if (visit->count > 0)
        call_wait(call, drop_visit, visit);
    else
        show(visit);
}

/* ---- what the process keeps ---- */

static void on_kept(struct call *call, const struct kept_text *kept)
{
    struct visit *visit = visit_new(call);
    visit->askings[visit->count++].answer =
        (struct page_answer){.path = call->route->page->sources[0].path, .json = kept->text, .len = kept->len};
    visit->is_near_end = kept->left_s <= 1;
    show(visit);
}

void page_show(struct call *call)
{
    const struct page *page = call->route->page;
    if (call->route->in_memory && answer_from_memory(call, choice_language(call)))
        return;
    if (page->kept)
        kept_page_read(call, page->kept, on_kept);
    else
        ask_all(call);
}
