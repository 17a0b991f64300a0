#include "sys/db/metrics.h"

#include <string.h>

#include "sys/metrics.h"

static struct metric *queries[SQL_COUNT];
static struct metric *connections_up, *connections_down, *reconnects, *listening;

/* SQLSTATE classes that the program can meet (PostgreSQL documentation, appendix A); the last
 * stands for all others. */
static const char *const classes[] = {"08", "22", "23", "25", "26", "40",   "42",   "53",
                                      "54", "55", "57", "58", "XX", "none", "other"};
static struct metric *errors[COUNT(classes)];

void db_metrics(void)
{
    char labels[256];
    struct family *f = metric_family(METRIC_HISTOGRAM, "db_query_duration_seconds",
                                     "Statements, from sending to their result.", duration_edges);
    for (int i = SQL_NONE + 1; i < SQL_COUNT; i++)
        queries[i] = metric_series(f, metric_labels(labels, 1, "query", sql_statements[i].name));
    f = metric_family(METRIC_GAUGE, "db_connections", "Connections to Postgres.", NULL);
    connections_up = metric_series(f, metric_labels(labels, 1, "state", "up"));
    connections_down = metric_series(f, metric_labels(labels, 1, "state", "down"));
    reconnects = metric_series(
        metric_family(METRIC_COUNTER, "db_reconnects_total", "Connections that came back after an outage.", NULL), "");
    listening = metric_series(
        metric_family(METRIC_GAUGE, "db_listening",
                      "1 while notifications come; 0: what is new or due is found by the polls alone.", NULL),
        "");
    f = metric_family(METRIC_COUNTER, "db_errors_total",
                      "Statements that failed, by class of SQLSTATE; none: they got no answer.", NULL);
    for (size_t i = 0; i < COUNT(classes); i++)
        errors[i] = metric_series(f, metric_labels(labels, 1, "sqlstate_class", classes[i]));
}

void db_observe_query(enum sql statement, uint64_t ns)
{
    metric_observe(queries[statement], ns);
}

void db_count_error(const char *sqlstate)
{
    char class[8] = "none";
    size_t i = 0;
    if (*sqlstate) {
        memcpy(class, sqlstate, 2);
        class[2] = '\0';
    }
    while (i < COUNT(classes) - 1 && strcmp(classes[i], class) != 0)
        i++;
    metric_add(errors[i], 1);
}

void db_count_reconnect(void)
{
    metric_add(reconnects, 1);
}

void db_set_listening(bool listens)
{
    metric_set(listening, listens);
}

void db_shift_connections(bool up, int by)
{
    metric_shift(up ? connections_up : connections_down, by);
}
