#include "sys/db/plans.h"

#include <stdio.h>
#include <string.h>

bool plans_has(const struct plans *plans, int part)
{
    return plans->pooled ? plans->unnamed == part : plans->generation[part] != 0;
}

void plans_add(struct plans *plans, int part)
{
    plans->generation[part] = ++plans->last_generation;
    plans->unnamed = part;
}

void plans_forget(struct plans *plans, int part)
{
    plans->generation[part] = 0;
}

void plans_name(const struct plans *plans, int part, char out[static PLAN_NAME_SIZE])
{
    *out = '\0';
    if (!plans->pooled)
        snprintf(out, PLAN_NAME_SIZE, "s%d_%u", part, plans->generation[part]);
}

void plans_begin_transaction(struct plans *plans)
{
    plans->unnamed = 0;
}

void plans_forget_all(struct plans *plans)
{
    memset(plans->generation, 0, sizeof plans->generation);
}
