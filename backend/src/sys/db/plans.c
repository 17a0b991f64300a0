#include "sys/db/plans.h"

#include <stdio.h>
#include <string.h>

bool plans_has(const struct plans *plans, enum sql statement)
{
    return plans->pooled ? plans->unnamed == statement : plans->generation[statement] != 0;
}

void plans_add(struct plans *plans, enum sql statement)
{
    plans->generation[statement] = ++plans->last_generation;
    plans->unnamed = statement;
}

void plans_forget(struct plans *plans, enum sql statement)
{
    plans->generation[statement] = 0;
}

void plans_name(const struct plans *plans, enum sql statement, char out[static PLAN_NAME_SIZE])
{
    *out = '\0';
    if (!plans->pooled)
        snprintf(out, PLAN_NAME_SIZE, "s%d_%u", (int)statement, plans->generation[statement]);
}

void plans_begin_transaction(struct plans *plans)
{
    plans->unnamed = SQL_NONE;
}

void plans_forget_all(struct plans *plans)
{
    memset(plans->generation, 0, sizeof plans->generation);
}
