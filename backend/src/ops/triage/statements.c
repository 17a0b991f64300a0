/* Mode 3: statements that Postgres refuses or breaks off, by the class of their SQLSTATE. */
#include "ops/triage/judge.h"

/* Trouble of the database, whoever asks; the other classes are of the data or of one connection. */
static const char *const classes[] = {"25", "42", "53", "57", "58", "XX"};

double service_database_errors(const struct service *service)
{
    double errors = 0;
    for (size_t i = 0; i < COUNT(classes); i++)
        errors += page_sum(&service->sample, DATABASE_ERRORS, WHERE(IS("sqlstate_class", classes[i])));
    return errors;
}

static void say_class(struct judge *judge, struct verdict *verdict, const char *class, double at_least)
{
    double gained;
    const char *errors = database_errors(judge, class, &gained);
    if (gained >= at_least)
        say_found(judge, verdict, "%s", errors);
    else
        say_ok(judge, verdict, "%s", errors);
}

/* The program's statements are right for the schema that its migrations leave. */
static void statements_refused(struct judge *judge, struct verdict *verdict)
{
    say_class(judge, verdict, "42", 1);
}

/* A statement that somebody cancels is one. */
static void statements_ended(struct judge *judge, struct verdict *verdict)
{
    say_class(judge, verdict, "57", ERRORS_AT_LEAST);
}

static void database_faulty(struct judge *judge, struct verdict *verdict)
{
    say_class(judge, verdict, "58", 1);
    if (verdict->status == CHECK_OK)
        say_class(judge, verdict, "XX", 1);
}

const struct check statement_checks[] = {
    {"database_faulty", NEED_METRICS, database_faulty, {NO_DATABASE}},
    {"statements_refused",
     NEED_METRICS,
     statements_refused,
     {NO_DATABASE, "rights_missing", "migrations_pending", "schema_damaged"}},
    {"statements_ended",
     NEED_METRICS,
     statements_ended,
     {NO_DATABASE, "locks_waiting", "index_missing", "database_slow"}},
    {0},
};
