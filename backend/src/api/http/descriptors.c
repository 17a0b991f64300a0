#include "api/http/descriptors.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "sys/http/http.h"

enum {
    /* of a thread beside its connections to Postgres: its loop, its server, Redis, and looking up
     * names */
    THREAD_FDS = 12,
    PROCESS_FDS = 32,   /* of the process: the log, migrations, fonts, time zones */
    CLIENTS_LEAST = 16, /* connections of clients that each place of a thread must have room for */
    DESCRIPTORS_WANTED = 65536,
};

/* The descriptors that the process may need for itself: connections to Postgres, the reserve for
 * checks of health, calls to the model (each thread may make one), the rest. */
static int own_descriptors(const struct config *config, int threads, int doors)
{
    int calls = MAX((int)config->llm_max_concurrency, threads);
    int operators = *config->observability_listen ? OPERATORS_MAX + HTTP_RESERVE : 0;
    return threads * ((int)config->db_pool_size + THREAD_FDS) + doors * HTTP_RESERVE + calls + operators + PROCESS_FDS;
}

bool descriptors_share(const struct config *config, int places, struct descriptor_shares *shares, struct err *err)
{
    struct rlimit limit;
    int threads = (int)config->api_threads, doors = threads * places;
    int own = own_descriptors(config, threads, doors), least = own + doors * CLIENTS_LEAST;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return fail(err, "while asking for the limit of file descriptors: %s", strerror(errno));
    limit.rlim_cur = MIN(limit.rlim_max, (rlim_t)MAX(least, DESCRIPTORS_WANTED));
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return fail(err, "while raising the limit of file descriptors: %s", strerror(errno));
    shares->connection_limit = ((int)limit.rlim_cur - own) / doors;
    shares->connections_per_address = config->connections_per_address > 0
                                          ? (int)config->connections_per_address
                                          : MAX(shares->connection_limit * doors / 2, 1);
    return shares->connection_limit >= CLIENTS_LEAST ||
           fail(err,
                "%d file descriptors are too few, at least %d are needed (ulimit -n; fewer with a smaller API_THREADS, "
                "DB_POOL_SIZE or LLM_MAX_CONCURRENCY)",
                (int)limit.rlim_cur, least);
}
