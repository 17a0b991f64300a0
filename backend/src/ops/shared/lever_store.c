#include "ops/shared/lever_store.h"

#include "ops/shared/happened.h"

static bool wake_workers(const struct database *d, const char *key, struct err *err)
{
    enum lever lever;
    return !lever_find(key, &lever) || !lever_is_pause(lever) || database_wake_workers(d, err);
}

bool lever_store_set(const struct database *d, const struct lever_order *order, const char **until, struct err *err)
{
    const char *key = lever_key(order->lever);
    char text[LEVER_TEXT]; /* the one form that everybody reads */
    struct table set;
    const char *value = lever_format(order->lever, order->value, text);
    const char *const params[] = {key, value,
                                  order->for_ms ? arena_printf(d->arena, "%lld", (long long)order->for_ms) : NULL};
    if (!database_ask(d, SQL_SETTINGS_SET, params, &set, err) || !wake_workers(d, key, err))
        return false;
    *until = table_cell(&set, 0, 0);
    happened(d, JOURNAL_LEVER, "%s = %s %s%s", key, value, *until ? "until " : "until it is unset",
             *until ? *until : "");
    return true;
}

bool lever_store_unset(const struct database *d, const char *key, bool *was_set, struct err *err)
{
    struct table unset;
    if (!database_ask(d, SQL_SETTINGS_UNSET, &key, &unset, err) || !wake_workers(d, key, err))
        return false;
    *was_set = unset.rows > 0;
    if (*was_set)
        happened(d, JOURNAL_LEVER, "%s is unset: it is as configured again", key);
    return true;
}
