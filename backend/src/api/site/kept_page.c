#include "api/site/kept_page.h"

#include <stdlib.h>
#include <string.h>

#include "api/http/answer.h"
#include "api/http/caching.h"
#include "base/clock.h"
#include "sys/log.h"

enum { LOOK_AGAIN_MS = 5, FIRST_SIZE = 4096 };

/* Counted by who holds it, under its page's lock: the page, and each request's arena. */
struct edition {
    struct kept_page *page;
    char *text, *etag;
    size_t len;
    uint64_t asked;
    int holders;
};

struct page_desk {
    struct db *db;
    const struct config *config;
    LIST_HEAD(, page_making) makings;
};

/* A request on its way. */
struct page_visit {
    struct kept_page *page;
    kept_page_done *done;
    uint64_t failures; /* before it asked */
    bool has_waited;
};

/* ---- editions ---- */

static void edition_drop(struct edition *edition)
{
    if (!edition || --edition->holders > 0)
        return;
    free(edition->text);
    free(edition->etag);
    free(edition);
}

static void edition_release(void *ctx)
{
    struct edition *edition = ctx;
    struct kept_page *page = edition->page;
    pthread_mutex_lock(&page->lock);
    edition_drop(edition);
    pthread_mutex_unlock(&page->lock);
}

void kept_page_forget(struct kept_page *page)
{
    pthread_mutex_lock(&page->lock);
    edition_drop(page->edition);
    page->edition = NULL;
    pthread_mutex_unlock(&page->lock);
}

static uint64_t age_s(const struct edition *edition, uint64_t now)
{
    return now > edition->asked ? (now - edition->asked) / NS_PER_S : 0;
}

/* ---- making ---- */

static void making_free(struct page_making *making)
{
    LIST_REMOVE(making, makings);
    arena_free(making->arena);
    free(making->text);
    free(making);
}

/* `edition` NULL: it has failed. */
static void making_end(struct page_making *making, struct edition *edition, enum db_outcome why)
{
    struct kept_page *page = making->page;
    pthread_mutex_lock(&page->lock);
    page->is_making = false;
    page->why = why;
    if (edition) {
        edition_drop(page->edition);
        page->edition = edition;
    } else {
        page->failures++;
    }
    pthread_mutex_unlock(&page->lock);
    making_free(making);
}

static void on_statement(void *ctx, enum db_outcome outcome, struct db_rows *rows)
{
    struct page_making *making = ctx;
    making->query = NULL;
    if (outcome == DB_OK) {
        making->on_rows(making, rows);
        return;
    }
    if (outcome == DB_FAILED)
        log_error("page_failed", log_str("error", db_message(rows)));
    making_end(making, NULL, outcome == DB_FAILED && db_is_unfit(db_sqlstate(rows)) ? DB_AWAY : outcome);
}

void making_query(struct page_making *making, enum sql sql, const char *const *params, making_rows *on_rows)
{
    making->on_rows = on_rows;
    making->query = db_query(making->desk->db, sql, params, on_statement, making);
}

void making_add(struct page_making *making, const char *text, size_t len)
{
    if (making->len + len >= making->size) {
        making->size = MAX(2 * making->size, making->len + len + FIRST_SIZE);
        making->text = must_realloc(making->text, making->size);
    }
    memcpy(making->text + making->len, text, len);
    making->len += len;
    making->text[making->len] = '\0';
}

void making_done(struct page_making *making)
{
    struct edition *edition = must_calloc(1, sizeof *edition);
    *edition = (struct edition){.page = making->page, .len = making->len, .asked = making->asked, .holders = 1};
    edition->text = must_realloc(making->text, making->len + 1);
    making->text = NULL;
    edition->etag = must_strdup(etag_of(making->arena, edition->text));
    making_end(making, edition, DB_OK);
}

/* The page's is_making is set. */
static void making_begin(struct page_desk *desk, struct kept_page *page)
{
    struct page_making *making = must_calloc(1, sizeof *making);
    *making = (struct page_making){.config = desk->config, .arena = arena_new(), .desk = desk, .page = page};
    making->asked = clock_ns();
    LIST_INSERT_HEAD(&desk->makings, making, makings);
    page->make(making);
}

struct page_desk *page_desk_open(struct db *db, const struct config *config)
{
    struct page_desk *desk = must_calloc(1, sizeof *desk);
    *desk = (struct page_desk){.db = db, .config = config};
    LIST_INIT(&desk->makings);
    return desk;
}

void page_desk_close(struct page_desk *desk)
{
    struct page_making *making;
    while (desk && (making = LIST_FIRST(&desk->makings))) {
        if (making->query)
            db_drop(making->query);
        making_end(making, NULL, DB_AWAY);
    }
    free(desk);
}

/* ---- requests ---- */

/* The edition that may be shown, held by the arena, or NULL. `begins`: it is to be made, by who
 * asked. */
static struct edition *find_edition(struct kept_page *page, struct arena *arena, bool *begins)
{
    uint64_t now = clock_ns();
    pthread_mutex_lock(&page->lock);
    struct edition *edition = page->edition;
    uint64_t age = edition ? age_s(edition, now) : UINT64_MAX;
    *begins = !page->is_making && age >= (uint64_t)page->renewed_after_s;
    page->is_making = page->is_making || *begins;
    if (age >= (uint64_t)page->kept_s)
        edition = NULL;
    else
        edition->holders++;
    pthread_mutex_unlock(&page->lock);
    if (edition)
        arena_defer(arena, edition_release, edition);
    return edition;
}

static int left_s(const struct edition *edition)
{
    const struct kept_page *page = edition->page;
    return page->kept_s - (int)MIN(age_s(edition, clock_ns()) + 1, (uint64_t)page->kept_s); /* never too young */
}

static void answer_edition(struct call *call, const struct edition *edition)
{
    const struct kept_page *page = edition->page;
    http_add_header(call->http, "ETag", edition->etag);
    http_add_header(call->http, "Cache-Control", arena_printf(call->arena, "public, max-age=%d", left_s(edition)));
    if (etag_is_known(call->http, edition->etag))
        call_answer_text(call, 304, page->content_type, "", 0);
    else
        call_answer_text(call, 200, page->content_type, edition->text, edition->len);
}

static bool has_failed(const struct page_visit *visit, enum db_outcome *why)
{
    struct kept_page *page = visit->page;
    pthread_mutex_lock(&page->lock);
    bool failed = page->failures != visit->failures;
    *why = page->why;
    pthread_mutex_unlock(&page->lock);
    return failed;
}

static void fail_visit(struct call *call, enum db_outcome why)
{
    if (!call->fail)
        http_add_header(call->http, "Cache-Control", "no-store");
    if (why == DB_FAILED) {
        call->error = db_outcome_name(why);
        call_fail(call, 500, "internal server error");
    } else {
        call_fail_db(call, why, NULL, false);
    }
}

static void hand_over(struct call *call, const struct edition *edition)
{
    const struct page_visit *visit = call->state;
    if (visit->done)
        visit->done(call, &(struct kept_text){edition->text, edition->len, left_s(edition)});
    else
        answer_edition(call, edition);
}

/* Threads don't call each other here: who waits looks again. */
static void visit_look(void *ctx)
{
    struct call *call = ctx;
    struct page_visit *visit = call->state;
    enum db_outcome why;
    bool begins;
    if (visit->has_waited && has_failed(visit, &why)) {
        fail_visit(call, why);
        return;
    }
    struct edition *edition = find_edition(visit->page, call->arena, &begins);
    if (!visit->has_waited && !visit->done)
        caching_count(call, edition ? CACHE_HIT : CACHE_MISS);
    if (begins)
        making_begin(call->api->pages, visit->page);
    visit->has_waited = true;
    if (edition)
        hand_over(call, edition);
    else
        call_after(call, LOOK_AGAIN_MS, visit_look);
}

void kept_page_read(struct call *call, struct kept_page *page, kept_page_done *done)
{
    struct page_visit *visit = call->state = arena_alloc(call->arena, sizeof *visit);
    *visit = (struct page_visit){.page = page, .done = done};
    pthread_mutex_lock(&page->lock);
    visit->failures = page->failures;
    pthread_mutex_unlock(&page->lock);
    visit_look(call);
}

void kept_page_answer(struct call *call, struct kept_page *page)
{
    kept_page_read(call, page, NULL);
}
