#include "service/lever_gauges.h"

#include "config/levers.h"
#include "sys/metrics.h"

static enum lever all[LEVERS];

static double value_is_set(void *ctx)
{
    const enum lever *lever = ctx;
    return lever_is_set(*lever);
}

/* A pause that is set to false pauses nothing. */
static double value_is_paused(void *ctx)
{
    const enum lever *lever = ctx;
    return lever_value(*lever, false) != 0;
}

void lever_gauges_metrics(void)
{
    char labels[256];
    struct family *in_force =
        metric_family(METRIC_GAUGE, "lever_in_force", "1 while an operator's value of the lever is obeyed.", NULL);
    struct family *paused = metric_family(METRIC_GAUGE, "queue_paused", "1 while nobody takes jobs of the type.", NULL);
    for (enum lever lever = 0; lever < LEVERS; lever++) {
        all[lever] = lever;
        metric_read(in_force, metric_labels(labels, 1, "key", lever_key(lever)), value_is_set, &all[lever]);
    }
    for (enum job_type_id type = 0; type < JOB_TYPES; type++)
        metric_read(paused, metric_labels(labels, 1, "type", job_types[type].name), value_is_paused,
                    &all[lever_pause(type)]);
}
