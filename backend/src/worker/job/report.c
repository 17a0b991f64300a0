#include "worker/job/report.h"

#include "base/clock.h"
#include "config/job_types.h"
#include "sys/log.h"
#include "sys/metrics.h"
#include "worker/job/types.h"

enum { TRACES = 2 };
#define COUNTED JOB_RELEASED /* outcomes before it are ends of attempts */

static const struct {
    const char *msg, *status;
    enum log_level level;
} outcomes[] = {
    [JOB_DONE] = {"job_completed", "done", LOG_INFO},
    [JOB_RETRY] = {"job_failed_retrying", "retry", LOG_WARN},
    [JOB_FAILED] = {"job_failed_permanently", "failed", LOG_WARN},
    [JOB_RELEASED] = {"job_released", "released", LOG_INFO},
    [JOB_LOST] = {"job_lease_lost", "lost", LOG_WARN},
};

static const char unsupported[] = "unsupported";
static const char *const trace_names[TRACES] = {"missing", "present"};
static const double wait_edges[] = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,    2.5,  5,
                                    10,   30,    60,   120, 300,  600, 1800, 3600, 0};

static struct series {
    struct metric *processed[COUNTED], *traces[COUNTED][TRACES];
    struct metric *retries, *durations, *waits, *leases_expired;
} series[JOB_TYPES + 1]; /* one for each row of job_types, the last for all other types */

static struct {
    struct family *processed, *traces, *retries, *durations, *waits, *leases_expired;
} families;

static struct metric *by_poll;

static void make_families(void)
{
    families.processed =
        metric_family(METRIC_COUNTER, "jobs_processed_total", "Attempts at jobs by how they ended.", NULL);
    by_poll = metric_series(metric_family(METRIC_COUNTER, "jobs_started_by_poll_total",
                                          "Jobs that no notification announced: the poll found them.", NULL),
                            "");
    families.retries =
        metric_family(METRIC_COUNTER, "job_retries_total", "Attempts that failed and will be made again.", NULL);
    families.durations = metric_family(METRIC_HISTOGRAM, "job_duration_seconds",
                                       "Attempts from their start to their stored end.", duration_edges);
    families.waits =
        metric_family(METRIC_HISTOGRAM, "job_wait_seconds", "Jobs from when they were due to their start.", wait_edges);
    families.leases_expired = metric_family(METRIC_COUNTER, "job_leases_expired_total",
                                            "Jobs taken back from workers that never ended them.", NULL);
    families.traces = metric_family(METRIC_COUNTER, "jobs_trace_total",
                                    "Attempts by how they ended and whether their trace id is known.", NULL);
}

static void make_job_series(struct series *s, const char *type)
{
    char labels[256];
    for (int i = 0; i < COUNTED; i++) {
        const char *status = outcomes[i].status;
        s->processed[i] = metric_series(families.processed, metric_labels(labels, 2, "type", type, "status", status));
        for (int t = 0; t < TRACES; t++)
            s->traces[i][t] = metric_series(
                families.traces, metric_labels(labels, 3, "type", type, "status", status, "trace", trace_names[t]));
    }
    metric_labels(labels, 1, "type", type);
    s->retries = metric_series(families.retries, labels);
    s->durations = metric_series(families.durations, labels);
    s->waits = metric_series(families.waits, labels);
    s->leases_expired = metric_series(families.leases_expired, labels);
}

void report_job_metrics(void)
{
    make_families();
    for (int i = 0; i < JOB_TYPES; i++)
        make_job_series(&series[i], job_types[i].name);
    make_job_series(&series[JOB_TYPES], unsupported);
}

/* Types are free text in the table: a row written by hand makes no series. */
static const struct series *series_of_type(const char *type)
{
    const struct job_type *known = job_type_find(type);
    return &series[known ? known - job_types : JOB_TYPES];
}

static void count_job_end(const struct job_facts *job, enum job_outcome outcome)
{
    const struct series *s = series_of_type(job->type);
    bool traced = job->trace_id && *job->trace_id;
    metric_add(s->processed[outcome], 1);
    metric_add(s->traces[outcome][traced], 1);
    if (outcome == JOB_RETRY)
        metric_add(s->retries, 1);
}

#define FACTS(job)                                                                                      \
    log_int("job_id", (job)->id), log_str("job_type", (job)->type), log_int("attempt", (job)->attempt), \
        log_str("trace_id", (job)->trace_id), log_str("request_id", (job)->request_id)

void report_started_by_poll(void)
{
    metric_add(by_poll, 1);
}

void report_job_started(const struct job *job)
{
    metric_observe(series_of_type(job->facts.type)->waits, job->waited);
    log_info("job_started", FACTS(&job->facts), log_str("status", "processing"), log_ms("waited_ms", job->waited));
}

static void log_subject_event(const struct job *job)
{
    const char *msg = job->outcome == JOB_DONE ? job->work->stored_msg : job->work->failed_msg;
    if (msg && job->outcome < COUNTED)
        log_write(outcomes[job->outcome].level, msg,
                  LOG_FIELDS(FACTS(&job->facts), log_str("persona_id", job->values[VALUE_PERSONA]),
                             log_str("user_id", job->values[VALUE_USER]), log_str("date", job->values[VALUE_DAY]),
                             log_str("error", job->error)));
}

void report_job_ended(const struct job *job)
{
    uint64_t ns = clock_ns() - job->started;
    if (job->outcome < COUNTED) {
        count_job_end(&job->facts, job->outcome);
        metric_observe(series_of_type(job->facts.type)->durations, ns);
    }
    log_write(outcomes[job->outcome].level, outcomes[job->outcome].msg,
              LOG_FIELDS(FACTS(&job->facts), log_str("status", outcomes[job->outcome].status), log_ms("latency_ms", ns),
                         log_str("error", job->error)));
    if (job->work)
        log_subject_event(job);
}

void report_lease_expired(const struct job_facts *job, bool failed)
{
    metric_add(series_of_type(job->type)->leases_expired, 1);
    log_warn("job_lease_expired", FACTS(job), log_str("status", failed ? "failed" : "pending"),
             log_str("error", "lease expired"));
    if (!failed)
        return;
    count_job_end(job, JOB_FAILED);
    log_write(
        outcomes[JOB_FAILED].level, outcomes[JOB_FAILED].msg,
        LOG_FIELDS(FACTS(job), log_str("status", outcomes[JOB_FAILED].status), log_str("error", "lease expired")));
}
