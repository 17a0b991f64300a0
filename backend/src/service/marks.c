#include "service/marks.h"

#include <stdio.h>

#include "base/base.h"
#include "sys/crypto.h"
#include "sys/metrics.h"

static struct metric *database_mark, *secret_mark;

/* Of so many bytes: a gauge keeps millionths, so a number of more doesn't fit. */
enum { MARK_BYTES = 5 };

static double mark_of(const char *key, const char *text)
{
    unsigned char hash[KEYED_HASH_SIZE];
    double mark = 0;
    keyed_hash(hash, key, text);
    for (int i = 0; i < MARK_BYTES; i++)
        mark = mark * 256 + hash[i];
    return MAX(mark, 1);
}

double mark_of_database(const char *server, const char *born)
{
    return mark_of(born, server);
}

void marks_begin(void)
{
    database_mark = metric_series(
        metric_family(METRIC_GAUGE, "service_database_mark",
                      "The same for all processes of one database, until its server starts anew; 0: not known.", NULL),
        "");
    secret_mark = metric_series(
        metric_family(METRIC_GAUGE, "service_secret_mark",
                      "The same for all APIs of one database that sign with one JWT_SECRET; 0: not known, or none.",
                      NULL),
        "");
}

void marks_set(const char *server, const char *born, const char *secret)
{
    metric_set(database_mark, mark_of_database(server, born));
    if (secret)
        metric_set(secret_mark, mark_of(secret, born));
}
