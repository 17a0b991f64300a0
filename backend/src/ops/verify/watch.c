#include "ops/verify/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ops/shared/database.h"

enum { SERVICE_MS = 2000, CONNECT_MS = 1000, QUERY_MS = 1000 };

struct watch {
    const struct watch_place *place;
    struct session *session; /* NULL: to be opened */
};

struct watch *watch_open(const struct watch_place *place)
{
    struct watch *watch = must_calloc(1, sizeof *watch);
    watch->place = place;
    return watch;
}

void watch_close(struct watch *watch)
{
    session_close(watch->session);
    free(watch);
}

/* ---- moments ---- */

static struct moment *moment_new(void)
{
    struct arena *arena = arena_new();
    struct moment *moment = arena_alloc(arena, sizeof *moment);
    *moment = (struct moment){.arena = arena, .users = 1, .at_ns = clock_ns(), .unix_us = clock_unix_us()};
    return moment;
}

void moment_keep(struct moment *moment)
{
    moment->users++;
}

void moment_drop(struct moment *moment)
{
    if (moment && --moment->users == 0)
        arena_free(moment->arena);
}

bool moment_has_answers(const struct moment *moment)
{
    bool any = moment->queue_is_known;
    for (int i = 0; i < moment->count; i++)
        any = any || moment->services[i].health.status || moment->services[i].metrics.status;
    return any;
}

/* ---- services ---- */

/* A moment before is gone some day, so what is taken from it is copied. */
static struct page read_page(struct arena *arena, struct watched *service, const struct watched *before)
{
    if (service->metrics.status != 200)
        service->metrics.body = before ? arena_strdup(arena, before->metrics.body) : "";
    return page_read(arena, service->metrics.body);
}

static void name_service(struct arena *arena, struct watched *service, const char *url, const char *health)
{
    service->url = url;
    service->health.url = arena_printf(arena, "%s%s", url, health);
    service->metrics.url = arena_printf(arena, "%s/metrics", url);
}

static void name_services(const struct watch_place *place, struct moment *moment)
{
    struct arena *arena = moment->arena;
    moment->apis = place->apis.count;
    moment->count = place->apis.count + place->workers.count;
    moment->services = arena_alloc(arena, ((size_t)moment->count + 1) * sizeof *moment->services);
    for (int i = 0; i < place->apis.count; i++)
        name_service(arena, &moment->services[i], place->apis.urls[i], "/readyz");
    for (int i = 0; i < place->workers.count; i++)
        name_service(arena, &moment->services[moment->apis + i], place->workers.urls[i], "/healthz");
}

static void ask_services(struct moment *moment, const struct moment *before, const char *token)
{
    struct scrape scrapes[2 * SERVICES_MAX];
    for (int i = 0; i < moment->count; i++) {
        scrapes[2 * i] = moment->services[i].health;
        scrapes[2 * i + 1] = moment->services[i].metrics;
        scrapes[2 * i + 1].token = token;
    }
    scrape_all(moment->arena, scrapes, 2 * moment->count, SERVICE_MS);
    for (int i = 0; i < moment->count; i++) {
        struct watched *service = &moment->services[i];
        service->health = scrapes[2 * i];
        service->metrics = scrapes[2 * i + 1];
        service->page = read_page(moment->arena, service, before ? &before->services[i] : NULL);
    }
}

/* ---- the queue ---- */

enum queue_column { TYPE, UNFINISHED, RUNNING, DUE, OLDEST_DUE_S };

static bool query_queue(struct watch *watch, struct moment *moment, struct table *table, struct err *err)
{
    if (!watch->session)
        watch->session = session_open(watch->place->database_url, CONNECT_MS, err);
    if (!watch->session)
        return false;
    session_limit(watch->session, QUERY_MS);
    const struct database database = {.arena = moment->arena, .session = watch->session};
    return database_ask(&database, SQL_TRIAGE_QUEUE, NULL, table, err);
}

static void ask_queue(struct watch *watch, struct moment *moment)
{
    struct table table;
    struct err why;
    moment->queue_is_known = query_queue(watch, moment, &table, &why);
    if (!moment->queue_is_known) {
        moment->queue_error = arena_strdup(moment->arena, why.text);
        session_close(watch->session);
        watch->session = NULL;
        return;
    }
    for (int row = 0; row < table.rows; row++) {
        double s = strtod(table_cell(&table, row, OLDEST_DUE_S), NULL);
        if (s > moment->oldest_due_s) {
            moment->oldest_due_s = s;
            moment->oldest_due_type = table_cell(&table, row, TYPE);
        }
    }
}

struct moment *watch_look(struct watch *watch, const struct moment *before)
{
    struct moment *moment = moment_new();
    name_services(watch->place, moment);
    ask_services(moment, before, watch->place->metrics_token);
    ask_queue(watch, moment);
    return moment;
}
