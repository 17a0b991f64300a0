/* Modes 1 and 3: the schema, the APIs, and what is answered with 5xx. */
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "migrations.h"
#include "ops/shared/times.h"
#include "ops/triage/judge.h"

/* ---- the schema ---- */

static bool is_applied(const struct look *look, const char *version)
{
    for (int row = 0; row < look_rows(look, ASK_VERSIONS); row++)
        if (strcmp(look_cell(look, ASK_VERSIONS, row, 0), version) == 0)
            return true;
    return false;
}

/* A service may know of others than this program: it is newer, or has MIGRATIONS_DIR. */
static const char *pending_elsewhere(struct judge *judge)
{
    struct buf out = buf_new(judge->arena);
    for (int i = 0; i < judge->look->service_count; i++) {
        const struct service *service = &judge->look->services[i];
        if (service_says(service, "migrations pending"))
            buf_printf(&out, "%s%s says: %s", out.len ? "; " : "", service->url, service->reason);
    }
    return out.text;
}

/* The built-in migrations that aren't applied, five by name. */
static int pending_here(struct judge *judge, struct buf *names)
{
    int count = 0;
    for (const struct migration *m = embedded_migrations; m->name; m++)
        if (!is_applied(judge->look, m->name) && count++ < 5)
            buf_printf(names, "%s%s", names->len ? ", " : "", m->name);
    buf_str(names, count > 5 ? ", ..." : "");
    return count;
}

/* The table of versions may not be there yet; any other failure to read it says nothing. */
static bool knows_versions(const struct look *look)
{
    const struct session_ask *asked = &look->database.asks[ASK_VERSIONS];
    return look->database.answers && (asked->ok || strcmp(asked->sqlstate, "42P01") == 0);
}

static void migrations_pending(struct judge *judge, struct verdict *verdict)
{
    const char *elsewhere = pending_elsewhere(judge);
    struct buf names = buf_new(judge->arena);
    int count = knows_versions(judge->look) ? pending_here(judge, &names) : 0;
    if (count)
        say_found(judge, verdict, "%d not applied: %s%s%s", count, names.text, *elsewhere ? "; " : "", elsewhere);
    else if (*elsewhere)
        say_found(judge, verdict, "%s", elsewhere);
    else if (!knows_versions(judge->look))
        say_unknown(judge, verdict, "the database doesn't say: %s",
                    judge->look->database.answers ? judge->look->database.asks[ASK_VERSIONS].err.text : "no answer");
    else
        say_ok(judge, verdict, "all are applied");
}

/* Whether the applied migrations made it, and left it. */
static bool is_expected(const struct look *look, const struct schema_object *object)
{
    return is_applied(look, embedded_migrations[object->made_by].name) &&
           (object->gone_by < 0 || !is_applied(look, embedded_migrations[object->gone_by].name));
}

enum relation { NAME, IS_INDEX, IS_VALID };
enum presence { ABSENT, INVALID, PRESENT };

static enum presence presence_of(const struct look *look, const char *name)
{
    for (int row = 0; row < look_rows(look, ASK_RELATIONS); row++)
        if (strcasecmp(look_cell(look, ASK_RELATIONS, row, NAME), name) == 0)
            return *look_cell(look, ASK_RELATIONS, row, IS_VALID) == 't' ? PRESENT : INVALID;
    return ABSENT;
}

/* A newer release may have taken columns away, and pending migrations have yet to make some. */
static bool has_all_columns(const struct look *look)
{
    int known = 0, applied = 0;
    for (const struct migration *m = embedded_migrations; m->name; m++, known++)
        applied += is_applied(look, m->name);
    return applied == known && applied == look_rows(look, ASK_VERSIONS);
}

static void add_missing_columns(const struct look *look, struct buf *missing)
{
    for (int row = 0; row < look_rows(look, ASK_COLUMNS) && has_all_columns(look); row++)
        buf_printf(missing, "%scolumn %s", missing->len ? ", " : "", look_cell(look, ASK_COLUMNS, row, 0));
}

static void schema_damaged(struct judge *judge, struct verdict *verdict)
{
    struct buf missing = buf_new(judge->arena);
    if (could_not_ask(judge, verdict, ASK_VERSIONS) || could_not_ask(judge, verdict, ASK_RELATIONS) ||
        could_not_ask(judge, verdict, ASK_COLUMNS))
        return;
    int tables = 0;
    for (const struct schema_object *table = embedded_schema_objects; table->name; table++) {
        if (table->table || !is_expected(judge->look, table))
            continue;
        tables++;
        if (presence_of(judge->look, table->name) == ABSENT)
            buf_printf(&missing, "%stable %s", missing.len ? ", " : "", table->name);
    }
    add_missing_columns(judge->look, &missing);
    if (missing.len)
        say_found(judge, verdict, "the migrations made these, and they are gone: %s", missing.text);
    else
        say_ok(judge, verdict, "all %d tables are there, with their columns", tables);
}

/* Built with the very statement of the migration, or, where a broken one is in the way, again;
 * either beside the work. */
static void index_missing(struct judge *judge, struct verdict *verdict)
{
    struct buf missing = buf_new(judge->arena);
    if (could_not_ask(judge, verdict, ASK_VERSIONS) || could_not_ask(judge, verdict, ASK_RELATIONS))
        return;
    int indexes = 0;
    for (const struct schema_object *index = embedded_schema_objects; index->name; index++) {
        if (!index->table || !is_expected(judge->look, index) || presence_of(judge->look, index->table) == ABSENT)
            continue;
        enum presence presence = presence_of(judge->look, index->name);
        indexes++;
        if (presence == PRESENT)
            continue;
        buf_printf(&missing, "%s%s on %s%s", missing.len ? ", " : "", index->name, index->table,
                   presence == INVALID ? " (there, but invalid)" : "");
        add_placeholder(verdict, "index",
                        presence == ABSENT ? index->create
                                           : arena_printf(judge->arena, "REINDEX INDEX CONCURRENTLY %s", index->name));
    }
    if (missing.len)
        say_found(judge, verdict, "%s", missing.text);
    else
        say_ok(judge, verdict, "all %d are there", indexes);
}

/* ---- the API ---- */

static void api_down(struct judge *judge, struct verdict *verdict)
{
    say_down(judge, verdict, SERVICE_API);
}

static void api_not_ready(struct judge *judge, struct verdict *verdict)
{
    say_not_ready(judge, verdict, SERVICE_API);
}

/* ---- 5xx ---- */

/* Those that another finding doesn't explain: a failing model's routes, and what gave up because
 * the database was slow. */
static double own_errors(struct judge *judge, const struct traffic *traffic)
{
    bool model = is_found(judge, "model_failing") || is_found(judge, "model_slow");
    bool database =
        is_found(judge, "database_slow") || is_found(judge, "locks_waiting") || is_found(judge, "index_missing");
    double errors = 0;
    for (enum route_class c = 0; c < ROUTE_CLASSES; c++) {
        const struct traffic_figures *figures = &traffic->classes[c];
        if (!(model && c == CLASS_MODEL))
            errors += figures->errors - (database ? figures->overloads : 0);
    }
    return errors;
}

static double requests_of(const struct traffic *traffic)
{
    double requests = 0;
    for (enum route_class c = 0; c < ROUTE_CLASSES; c++)
        requests += traffic->classes[c].requests;
    return requests;
}

static bool is_spike(double errors, double requests)
{
    return errors >= ERRORS_AT_LEAST && errors > ERROR_SHARE * requests;
}

static double age_of(const struct service *service)
{
    double started = page_max(&service->now, "process_start_time_seconds", NULL);
    return started > 0 ? (double)clock_unix_us() / 1e6 - started : (double)INFINITY;
}

static double secret_mark(const struct service *service)
{
    return service->kind == SERVICE_API && service->is_ready && service->has_metrics
               ? page_max(&service->now, "service_secret_mark", NULL)
               : 0;
}

static const struct service *first_that_signs(const struct look *look)
{
    for (int i = 0; i < look->service_count; i++)
        if (secret_mark(&look->services[i]) > 0)
            return &look->services[i];
    return NULL;
}

/* An API that takes no token of the first one's. NULL: all have one secret. Marks compare within a
 * database alone. */
static const struct service *signs_otherwise(const struct look *look)
{
    const struct service *first = first_that_signs(look);
    for (int i = 0; i < look->service_count && first; i++) {
        const struct service *service = &look->services[i];
        bool is_of_the_same = page_max(&service->now, "service_database_mark", NULL) ==
                              page_max(&first->now, "service_database_mark", NULL);
        if (is_of_the_same && secret_mark(service) > 0 && secret_mark(service) != secret_mark(first))
            return service;
    }
    return NULL;
}

/* Who isn't known by the token that is sent: a visitor without an account has none to send. */
static void tokens_refused(struct judge *judge, struct verdict *verdict)
{
    double requests = 0, refused = 0, youngest = (double)INFINITY;
    for (int i = 0; i < judge->look->service_count; i++)
        if (judge->look->services[i].kind == SERVICE_API && judge->look->services[i].has_sample)
            youngest = fmin(youngest, age_of(&judge->look->services[i]));
    for (enum route_class c = CLASS_AUTHENTICATED; c <= CLASS_MODEL; c++) {
        requests += judge->traffic.classes[c].requests;
        refused += judge->traffic.classes[c].unknown;
    }
    bool is_fresh = youngest <= (double)judge->look->options->since_ms / 1000;
    if (signs_otherwise(judge->look)) {
        say_found(judge, verdict, "%s and %s sign with different secrets (service_secret_mark)",
                  first_that_signs(judge->look)->url, signs_otherwise(judge->look)->url);
        return;
    }
    const char *text =
        arena_printf(judge->arena, "of %.0f requests on routes for who has signed in %.0f were answered with 401",
                     requests, refused);
    if (refused > TOKENS_REFUSED_SHARE * requests && refused >= (is_fresh ? ROUTE_REQUESTS_AT_LEAST : TOKENS_REFUSED))
        say_found(judge, verdict, "%s%s", text,
                  is_fresh ? arena_printf(judge->arena, "; an API was started %s ago: was JWT_SECRET changed?",
                                          times_measured(judge->arena, youngest))
                           : "");
    else
        say_ok(judge, verdict, "%s", text);
}

/* Whether it failed before the sample, too: one that did well for a while had a good start. */
static bool began_with_start(struct judge *judge, const struct service *service, double errors, double requests)
{
    const struct traffic all = traffic_of(judge->arena, &service->now, &service->now);
    double before = requests_of(&all) - requests;
    return before < ROUTE_REQUESTS_AT_LEAST || is_spike(own_errors(judge, &all) - errors, before);
}

static void errors_after_start(struct judge *judge, struct verdict *verdict)
{
    struct buf found = buf_new(judge->arena);
    double since_s = (double)judge->look->options->since_ms / 1000;
    for (int i = 0; i < judge->look->service_count; i++) {
        const struct service *service = &judge->look->services[i];
        if (service->kind != SERVICE_API || !service->has_sample || age_of(service) > since_s)
            continue;
        struct traffic traffic = traffic_of(judge->arena, &service->now, &service->sample);
        double errors = own_errors(judge, &traffic), requests = requests_of(&traffic);
        if (!is_spike(errors, requests) || !began_with_start(judge, service, errors, requests) ||
            service_database_errors(service) > 0)
            continue;
        buf_printf(&found, "%s%s started %s ago; of %.0f requests in the sample %.0f were answered with 5xx: %s",
                   found.len ? "; " : "", service->url, times_measured(judge->arena, age_of(service)), requests, errors,
                   traffic_errors(judge->arena, &service->now, &service->sample, 4));
    }
    if (found.len)
        say_found(judge, verdict, "%s", found.text);
    else
        say_ok(judge, verdict, "no API that started within %s answers with 5xx", times_measured(judge->arena, since_s));
}

static void errors_5xx(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    double errors = own_errors(judge, &judge->traffic), requests = requests_of(&judge->traffic);
    if (is_spike(errors, requests))
        say_found(judge, verdict, "%.1f %% of %.0f requests within %s: %s", 100 * errors / requests, requests,
                  times_measured(judge->arena, look->gained_s),
                  traffic_errors(judge->arena, &look->now, &look->gained, 5));
    else
        say_ok(judge, verdict, "%.0f of %.0f requests within %s", errors, requests,
               times_measured(judge->arena, look->gained_s));
}

const struct check service_checks[] = {
    {"migrations_pending", NEED_NOTHING, migrations_pending, {NULL}},
    {"api_down", NEED_NOTHING, api_down, {NULL}},
    {"api_not_ready", NEED_NOTHING, api_not_ready, {NULL}},
    {"schema_damaged", NEED_DATABASE, schema_damaged, {NULL}},
    {"tokens_refused", NEED_API_SAMPLE, tokens_refused, {NULL}},
    {"errors_after_start", NEED_API_SAMPLE, errors_after_start, {NO_DATABASE, NO_STATEMENTS}},
    {"errors_5xx", NEED_API_SAMPLE, errors_5xx, {NO_DATABASE, NO_STATEMENTS, "errors_after_start"}},
    {"index_missing", NEED_DATABASE, index_missing, {NULL}},
    {0},
};
