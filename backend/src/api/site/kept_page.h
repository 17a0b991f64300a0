/* Pages that are the same for everybody, made once for all threads of the process and kept for a
 * time. Nothing makes such a page until somebody asks. One thread makes it then, however many ask
 * meanwhile.
 *
 * A page counts as old as its making's beginning, so what it shows was true at most `kept_s` ago,
 * in caches on the way, too: they are told how much of that time is left. Once it is older than
 * `renewed_after_s` the next request has it made anew, and is answered with what there is.
 */
#ifndef PW_API_SITE_KEPT_PAGE_H
#define PW_API_SITE_KEPT_PAGE_H

#include <pthread.h>
#include <sys/queue.h>

#include "api/http/call.h"

struct edition;
struct page_desk;
struct page_making;

typedef void page_fn(struct page_making *);
typedef void making_rows(struct page_making *, struct db_rows *);

struct kept_page {
    const char *content_type;
    int kept_s, renewed_after_s;
    page_fn *make; /* asks for rows, adds text, and says when it is done: as below */

    /* kept_page.c's, under the lock */
    pthread_mutex_t lock;
    struct edition *edition; /* NULL: none yet */
    bool is_making;
    uint64_t failures; /* how often making has failed */
    enum db_outcome why;
};

/* answers, now or when the page is made; 304 where the client has it */
void kept_page_answer(struct call *, struct kept_page *);

/* What a page says, and for how long it may still be shown; it lives as long as the call. */
struct kept_text {
    const char *text;
    size_t len;
    int left_s;
};

typedef void kept_page_done(struct call *, const struct kept_text *);

/* The same for a page that another answer is made of: done(call, …) runs at once or later, or the
 * call is answered, as the page can't be made. */
void kept_page_read(struct call *, struct kept_page *, kept_page_done *done);
void kept_page_forget(struct kept_page *); /* at the end of the process */

/* ---- a thread's part ---- */

struct page_desk *page_desk_open(struct db *, const struct config *); /* makes nothing yet */
/* before the database's end, after the arenas of requests; another thread may make what this one
 * had begun; NULL is fine */
void page_desk_close(struct page_desk *);

/* ---- making a page ---- */

struct page_making {
    const struct config *config;
    struct arena *arena; /* lives until the page is done */
    void *state;         /* the maker's own */

    /* kept_page.c's */
    struct page_desk *desk;
    struct kept_page *page;
    struct db_call *query;
    making_rows *on_rows;
    uint64_t asked;
    char *text;
    size_t len, size;
    LIST_ENTRY(page_making) makings;
};

/* Runs the statement; on_rows follows, or the making has failed and is over. */
void making_query(struct page_making *, enum sql, const char *const *params, making_rows *on_rows);
void making_add(struct page_making *, const char *text, size_t len); /* at the end of the page */
void making_done(struct page_making *);                              /* the last call about it */

#endif
