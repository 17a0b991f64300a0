#include "service/database.h"

struct db_config database_of(const struct config *config, const char *application_name, int queue_limit)
{
    return (struct db_config){.url = config->database_url,
                              .direct_url = config->database_direct_url,
                              .pooled = config->db_pooler == POOLER_TRANSACTION,
                              .application_name = application_name,
                              .connections = (int)config->db_pool_size,
                              .queue_limit = queue_limit,
                              .query_timeout_ms = (uint64_t)config->db_query_timeout};
}
