/* How a service opens its database, by its settings. */
#ifndef PW_SERVICE_DATABASE_H
#define PW_SERVICE_DATABASE_H

#include "config/config.h"
#include "sys/db/db_config.h"

/* Texts are kept by pointer. */
struct db_config database_of(const struct config *, const char *application_name, int queue_limit);

#endif
