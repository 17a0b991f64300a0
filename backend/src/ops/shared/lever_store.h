/* Levers as commands write them: rows of the table `settings`, which every process obeys within
 * a second. */
#ifndef PW_OPS_SHARED_LEVER_STORE_H
#define PW_OPS_SHARED_LEVER_STORE_H

#include "config/levers.h"
#include "ops/shared/database.h"

/* What a lever shall be, and for how long. */
struct lever_order {
    enum lever lever;
    int64_t value;
    int64_t for_ms; /* 0: until it is unset */
};

/* Both wake the workers where the lever is a pause. `*until` is RFC 3339, or NULL where the order
 * has no end. */
bool lever_store_set(const struct database *, const struct lever_order *, const char **until,
                     struct err *err) MUST_CHECK;
/* any key: somebody may have written it by hand */
bool lever_store_unset(const struct database *, const char *key, bool *was_set, struct err *err) MUST_CHECK;

#endif
