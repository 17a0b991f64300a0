/* Mode 1's part that is the database's: whether it answers, whom it refuses, and what it can't do
 * for whoever it lets in. */
#include <string.h>

#include "base/buf.h"
#include "ops/shared/times.h"
#include "ops/triage/judge.h"
#include "service/marks.h"

/* ---- kinds of trouble, told by what Postgres or libpq says ---- */

/* In triage's own try the SQLSTATE tells, whatever language the server speaks; what a service says
 * has words alone. */
enum trouble_kind { KIND_AWAY, KIND_CREDENTIALS, KIND_CONNECTIONS, KIND_MISNAMED };

static const struct {
    enum trouble_kind kind;
    const char *sqlstate; /* or its class; "": libpq's own words, so there is none */
    const char *words;
} kinds[] = {
    {KIND_CREDENTIALS, "28", "authentication failed"},
    {KIND_CREDENTIALS, "28", "no password supplied"},
    {KIND_CREDENTIALS, "28", "password required"},
    {KIND_CREDENTIALS, "28", "no pg_hba.conf entry"},
    {KIND_CREDENTIALS, "28", "is not permitted to log in"},
    {KIND_CREDENTIALS, "42501", "permission denied for database"},
    {KIND_CONNECTIONS, "53300", "too many clients already"},
    {KIND_CONNECTIONS, "53300", "too many connections for"},
    {KIND_CONNECTIONS, "53300", "connection slots are reserved"},
    {KIND_MISNAMED, "", "host name: "}, /* sys/lookup.h's, and libpq's own */
    {KIND_MISNAMED, "", "could not translate host name"},
    {KIND_MISNAMED, "3D000", "database \""}, /* ... does not exist */
    {KIND_CREDENTIALS, "28", "role \""},
};

static enum trouble_kind kind_of(const char *sqlstate, const char *words)
{
    for (size_t i = 0; i < COUNT(kinds); i++) {
        bool by_state =
            *sqlstate && *kinds[i].sqlstate && strncmp(sqlstate, kinds[i].sqlstate, strlen(kinds[i].sqlstate)) == 0;
        const char *found = strstr(words, kinds[i].words);
        bool needs_absence = kinds[i].words[strlen(kinds[i].words) - 1] == '"';
        if (by_state || (found && (!needs_absence || strstr(found, "does not exist"))))
            return kinds[i].kind;
    }
    return KIND_AWAY;
}

static enum trouble_kind own_kind(const struct look *look)
{
    return kind_of(look->database.refused, look->database.err.text);
}

bool service_says(const struct service *service, const char *prefix)
{
    return !service->is_ready && strncmp(service->reason, prefix, strlen(prefix)) == 0;
}

const char *database_trouble_of(const struct service *service)
{
    static const char prefix[] = "database ping failed: ";
    return service_says(service, prefix) ? service->reason + strlen(prefix) : NULL;
}

/* What the services say of their database, of this kind of trouble alone. */
static void add_troubles(const struct look *look, enum trouble_kind kind, struct buf *out)
{
    for (int i = 0; i < look->service_count; i++) {
        const char *trouble = database_trouble_of(&look->services[i]);
        if (trouble && kind_of("", trouble) == kind)
            buf_printf(out, "%s%s says: %s", out->len ? "; " : "", look->services[i].url, trouble);
    }
}

static void add_reasons(const struct look *look, const char *prefix, struct buf *out)
{
    for (int i = 0; i < look->service_count; i++)
        if (service_says(&look->services[i], prefix))
            buf_printf(out, "%s%s says: %s", out->len ? "; " : "", look->services[i].url, look->services[i].reason);
}

/* One that is ready has just asked its database, and has written to it. */
static const struct service *ready_api(const struct look *look)
{
    for (int i = 0; i < look->service_count; i++)
        if (look->services[i].kind == SERVICE_API && look->services[i].is_ready)
            return &look->services[i];
    return NULL;
}

/* ---- whether it answers ---- */

/* Where it answers us, a service that can't reach it has a trouble of its own: api_not_ready,
 * worker_not_ready. */
static void database_unreachable(struct judge *judge, struct verdict *verdict)
{
    const struct database_look *database = &judge->look->database;
    struct buf troubles = buf_new(judge->arena);
    if (database->answers) {
        say_ok(judge, verdict, "answers a ping within %s", times_measured(judge->arena, database->ping_s));
        return;
    }
    if (own_kind(judge->look) != KIND_AWAY) {
        say_unknown(judge, verdict, "that isn't what the try from here failed for");
        return;
    }
    if (ready_api(judge->look)) {
        say_unknown(judge, verdict, "%s is ready, so its database answers", ready_api(judge->look)->url);
        return;
    }
    buf_str(&troubles, database->err.text);
    add_troubles(judge->look, KIND_AWAY, &troubles);
    say_found(judge, verdict, "%s", troubles.text);
}

/* The first that has a database of its own, not the one that answered us. Marks change where the
 * server starts anew: one that isn't ready may have an old one. */
static const struct service *of_another_database(const struct look *look)
{
    enum { SERVER, BORN };
    const char *server = look_cell(look, ASK_SERVER, 0, SERVER), *born = look_cell(look, ASK_SERVER, 0, BORN);
    for (int i = 0; i < look->service_count && server && born; i++) {
        const struct service *service = &look->services[i];
        double mark = service->has_metrics ? page_max(&service->now, "service_database_mark", NULL) : 0;
        if (service->is_ready && mark > 0 && mark != mark_of_database(server, born))
            return service;
    }
    return NULL;
}

/* The services have their database, and we haven't: what is wrong is here, and none of the
 * remedies for a database that is away would help. */
static void database_elsewhere(struct judge *judge, struct verdict *verdict)
{
    const struct database_look *database = &judge->look->database;
    const struct service *api = ready_api(judge->look);
    enum trouble_kind kind = own_kind(judge->look);
    const struct service *stranger = of_another_database(judge->look);
    if (stranger)
        say_warning(judge, verdict, "%s is ready, and its database is another one than that in DATABASE_URL",
                    stranger->url);
    else if (database->answers)
        say_ok(judge, verdict, "the database in DATABASE_URL answers, and no service has another one");
    else if (!api || kind == KIND_CREDENTIALS || kind == KIND_CONNECTIONS)
        say_unknown(judge, verdict, "no API is ready to compare with");
    else
        say_warning(judge, verdict, "%s is ready, so its database answers; the one in DATABASE_URL doesn't: %s",
                    api->url, database->err.text);
}

static void database_misnamed(struct judge *judge, struct verdict *verdict)
{
    const struct database_look *database = &judge->look->database;
    struct buf troubles = buf_new(judge->arena);
    if (!database->answers && own_kind(judge->look) == KIND_MISNAMED)
        buf_str(&troubles, database->err.text);
    add_troubles(judge->look, KIND_MISNAMED, &troubles);
    if (troubles.len)
        say_found(judge, verdict, "%s", troubles.text);
    else if (database->answers)
        say_ok(judge, verdict, "nobody misses the host or the database");
    else
        say_unknown(judge, verdict, "the database doesn't answer");
}

static void database_credentials(struct judge *judge, struct verdict *verdict)
{
    const struct database_look *database = &judge->look->database;
    struct buf troubles = buf_new(judge->arena);
    if (!database->answers && own_kind(judge->look) == KIND_CREDENTIALS)
        buf_str(&troubles, database->err.text);
    add_troubles(judge->look, KIND_CREDENTIALS, &troubles);
    if (troubles.len)
        say_found(judge, verdict, "%s%s", troubles.text,
                  database->answers ? "; those given to triage are accepted" : "");
    else if (database->answers)
        say_ok(judge, verdict, "accepted");
    else
        say_unknown(judge, verdict, "the database doesn't answer");
}

/* ---- connections ---- */

enum connections { STATE, CONNECTIONS, MAX_CONNECTIONS, RESERVED };
enum holder { HOLDER_NAME, HOLDER_STATE, HOLDER_CONNECTIONS, HOLDER_SECONDS };

static const char *holders(struct judge *judge)
{
    const struct look *look = judge->look;
    struct buf out = buf_new(judge->arena);
    if (!look->database.asks[ASK_HOLDERS].ok)
        return "who holds them is unknown: no connection was left to ask by";
    for (int row = 0; row < look_rows(look, ASK_HOLDERS); row++)
        buf_printf(&out, "%s%s of %s (%s, up to %s)",
                   row ? ", " : "held: ", look_cell(look, ASK_HOLDERS, row, HOLDER_CONNECTIONS),
                   look_cell(look, ASK_HOLDERS, row, HOLDER_NAME), look_cell(look, ASK_HOLDERS, row, HOLDER_STATE),
                   times_measured(judge->arena, look_number(look, ASK_HOLDERS, row, HOLDER_SECONDS)));
    return out.text;
}

static void connections_exhausted(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    double used = 1, limit = look_number(look, ASK_CONNECTIONS, 0, MAX_CONNECTIONS),
           reserved = look_number(look, ASK_CONNECTIONS, 0, RESERVED); /* our own is one */
    struct buf troubles = buf_new(judge->arena);
    for (int row = 0; row < look_rows(look, ASK_CONNECTIONS); row++)
        used += look_number(look, ASK_CONNECTIONS, row, CONNECTIONS);
    if (own_kind(look) == KIND_CONNECTIONS)
        buf_printf(&troubles, "%s", look->database.err.text);
    add_troubles(look, KIND_CONNECTIONS, &troubles);
    if (limit > 0)
        buf_printf(&troubles, "%s%.0f of %.0f are used, %.0f of them kept for superusers", troubles.len ? "; " : "",
                   used, limit, reserved);
    if ((limit > 0 && used >= limit - reserved) || own_kind(look) == KIND_CONNECTIONS ||
        strstr(troubles.text, " says: "))
        say_found(judge, verdict, "%s; %s", troubles.text, holders(judge));
    else if (limit > 0)
        say_ok(judge, verdict, "%s", troubles.text);
    else
        say_unknown(judge, verdict, "the database couldn't be asked");
}

/* ---- what it can't do ---- */

const char *database_errors(struct judge *judge, const char *class, double *gained)
{
    const struct look *look = judge->look;
    *gained = page_sum(&look->gained, DATABASE_ERRORS, WHERE(IS("sqlstate_class", class)));
    return arena_printf(judge->arena, "%.0f statements failed with class %s within %s, %.0f since the start", *gained,
                        class, times_measured(judge->arena, look->gained_s),
                        page_sum(&look->now, DATABASE_ERRORS, WHERE(IS("sqlstate_class", class))));
}

static void database_read_only(struct judge *judge, struct verdict *verdict)
{
    enum { IS_STANDBY, IS_READ_ONLY };
    const struct look *look = judge->look;
    struct buf found = buf_new(judge->arena);
    double gained;
    const char *errors = database_errors(judge, "25", &gained), *standby = look_cell(look, ASK_STANDING, 0, IS_STANDBY),
               *setting = look_cell(look, ASK_STANDING, 0, IS_READ_ONLY);
    bool sees = standby && setting && (*standby == 't' || *setting == 't');
    add_reasons(look, "database is read-only", &found);
    /* a replica may be what DATABASE_URL here names; a ready API has written to its own */
    if (sees && !ready_api(look))
        buf_printf(&found, "%s%s", found.len ? "; " : "",
                   *standby == 't' ? "the server is a standby (pg_is_in_recovery)"
                                   : "default_transaction_read_only is on");
    if (gained > 0)
        buf_printf(&found, "%s%s", found.len ? "; " : "", errors);
    if (found.len)
        say_found(judge, verdict, "%s", found.text);
    else if (!look->database.answers && !(look->gained_s > 0))
        say_unknown(judge, verdict, "neither the database nor a service could be asked");
    else
        say_ok(judge, verdict, "%s", errors);
}

/* Class 53 is the disk (53100), the memory (53200) or the connections (53300). */
static void resources_exhausted(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    double gained;
    struct buf found = buf_new(judge->arena);
    const char *errors = database_errors(judge, "53", &gained);
    for (int i = 0; i < QUESTIONS; i++)
        if (strncmp(look->database.asks[i].sqlstate, "53", 2) == 0 && !found.len)
            buf_str(&found, look->database.asks[i].err.text);
    for (int i = 0; i < look->service_count; i++)
        if (strstr(look->services[i].reason, "No space left"))
            buf_printf(&found, "%s%s says: %s", found.len ? "; " : "", look->services[i].url, look->services[i].reason);
    if (gained > 0)
        buf_printf(&found, "%s%s", found.len ? "; " : "", errors);
    if (found.len)
        say_found(judge, verdict, "%s (53100 is the disk, 53200 the memory: its log says which)", found.text);
    else if (!look->database.answers && !(look->gained_s > 0))
        say_unknown(judge, verdict, "neither the database nor a service could be asked");
    else
        say_ok(judge, verdict, "%s", errors);
}

/* A role that may not read a table tells nothing of what is in it. */
static void rights_missing(struct judge *judge, struct verdict *verdict)
{
    const struct look *look = judge->look;
    struct buf found = buf_new(judge->arena);
    int denied = 0;
    add_reasons(look, "missing rights", &found);
    for (int i = 0; i < QUESTIONS; i++)
        if (strcmp(look->database.asks[i].sqlstate, "42501") == 0 && denied++ == 0)
            buf_printf(&found, "%sthe role of DATABASE_URL here: %s", found.len ? "; " : "",
                       look->database.asks[i].err.text);
    if (found.len)
        say_found(judge, verdict, "%s", found.text);
    else if (!look->database.answers && !ready_api(look))
        say_unknown(judge, verdict, "the database couldn't be asked");
    else
        say_ok(judge, verdict, "nothing was denied");
}

/* ---- why a service isn't ready ---- */

const char *explained_by(struct judge *judge, const struct service *service)
{
    static const struct {
        const char *says;
        const char *by[9];
    } reasons[] = {
        {"database ping failed",
         {"database_unreachable", "connections_exhausted", "database_misnamed", "database_credentials",
          "locks_waiting"}},
        {"database is read-only", {"database_read_only"}},
        {"database can't be written",
         {"database_unreachable", "commits_waiting", "database_read_only", "resources_exhausted",
          "connections_exhausted", "locks_waiting"}},
        {"missing rights", {"rights_missing"}},
        {"migrations pending", {"migrations_pending"}},
        {"schema is damaged", {"schema_damaged"}},
        {"queue can't be claimed",
         {"database_unreachable", "connections_exhausted", "database_credentials", "commits_waiting",
          "database_read_only", "resources_exhausted", "rights_missing", "schema_damaged", "locks_waiting"}},
        {"not listening", {"database_unreachable", "connections_exhausted", "database_read_only"}},
    };
    for (size_t i = 0; i < COUNT(reasons) && !service->is_ready; i++)
        for (size_t j = 0; j < COUNT(reasons[i].by) && reasons[i].by[j]; j++)
            if (service_says(service, reasons[i].says) && is_found(judge, reasons[i].by[j]))
                return reasons[i].by[j];
    return NULL;
}

const struct check postgres_checks[] = {
    {"database_unreachable", NEED_NOTHING, database_unreachable, {NULL}},
    {"connections_exhausted", NEED_NOTHING, connections_exhausted, {NULL}},
    {"database_misnamed", NEED_NOTHING, database_misnamed, {"database_elsewhere"}},
    {"database_elsewhere", NEED_NOTHING, database_elsewhere, {NULL}},
    {"database_credentials", NEED_NOTHING, database_credentials, {NULL}},
    {"database_read_only", NEED_NOTHING, database_read_only, {NULL}},
    {"resources_exhausted", NEED_NOTHING, resources_exhausted, {"connections_exhausted"}},
    {"rights_missing", NEED_NOTHING, rights_missing, {"database_unreachable"}},
    {0},
};
