#include "api/site/discover.h"

#include "sys/db/json.h"

static void discover_add_rows(struct page_making *making, struct db_rows *rows)
{
    size_t len;
    const char *body = db_answer_body(rows, making->arena, &len);
    INVARIANT(body);
    making_add(making, body, len);
    making_done(making);
}

static void discover_make(struct page_making *making)
{
    making_query(making, SQL_SITE_DISCOVER, (const char *const[]){NULL}, discover_add_rows);
}

struct kept_page discover_page = {.content_type = "application/json",
                                  .kept_s = 60,
                                  .renewed_after_s = 50,
                                  .make = discover_make,
                                  .lock = PTHREAD_MUTEX_INITIALIZER};

void discover_show(struct call *call)
{
    kept_page_answer(call, &discover_page);
}
