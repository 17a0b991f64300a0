/* What a service needs of the schema: the tables and columns that the migrations leave, and its
 * role's rights (service/rights.h). */
#ifndef PW_SERVICE_SCHEMA_NEEDS_H
#define PW_SERVICE_SCHEMA_NEEDS_H

#include "base/arena.h"
#include "service/rights.h"

struct schema_needs {
    const char *params[5]; /* of health/ready, behind the versions; in the arena */
};

struct schema_needs schema_needs(struct arena *, enum rights_of);

#endif
