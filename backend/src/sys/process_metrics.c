/* The standard process metrics (prometheus.io, "Writing client libraries") from /proc/self. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "sys/metrics.h"
#include "version.h"

static double started_at;

static double cpu_seconds(void *ctx)
{
    (void)ctx;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* /proc/self/statm: pages of address space, then of resident memory. */
static double memory_bytes(bool resident)
{
    unsigned long size = 0, rss = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%lu %lu", &size, &rss) != 2)
        size = rss = 0;
    fclose(file);
    return (double)(resident ? rss : size) * (double)sysconf(_SC_PAGESIZE);
}

static double resident_bytes(void *ctx)
{
    (void)ctx;
    return memory_bytes(true);
}

static double virtual_bytes(void *ctx)
{
    (void)ctx;
    return memory_bytes(false);
}

static double open_fds(void *ctx)
{
    (void)ctx;
    enum { NOT_DESCRIPTORS = 3 }; /* ".", ".." and the descriptor that reads the folder */
    DIR *dir = opendir("/proc/self/fd");
    if (!dir)
        return 0;
    int count = -NOT_DESCRIPTORS;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static double max_fds(void *ctx)
{
    (void)ctx;
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (double)limit.rlim_cur : 0;
}

static double start_time(void *ctx)
{
    (void)ctx;
    return started_at;
}

static double one(void *ctx)
{
    (void)ctx;
    return 1;
}

void metrics_standard(void)
{
    static const struct {
        enum metric_kind kind;
        const char *name, *help;
        double (*value)(void *);
    } rows[] = {
        {METRIC_COUNTER, "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", cpu_seconds},
        {METRIC_GAUGE, "process_resident_memory_bytes", "Resident memory size in bytes.", resident_bytes},
        {METRIC_GAUGE, "process_virtual_memory_bytes", "Virtual memory size in bytes.", virtual_bytes},
        {METRIC_GAUGE, "process_open_fds", "Number of open file descriptors.", open_fds},
        {METRIC_GAUGE, "process_max_fds", "Maximum number of open file descriptors.", max_fds},
        {METRIC_GAUGE, "process_start_time_seconds", "Start time of the process since unix epoch in seconds.",
         start_time},
    };
    started_at = (double)clock_unix_us() / 1e6;
    for (size_t i = 0; i < COUNT(rows); i++)
        metric_read(metric_family(rows[i].kind, rows[i].name, rows[i].help, NULL), "", rows[i].value, NULL);
    char labels[256];
    metric_read(metric_family(METRIC_GAUGE, "build_info", "The program's version and commit; always 1.", NULL),
                metric_labels(labels, 2, "version", PW_VERSION, "commit", PW_COMMIT), one, NULL);
}
