#include "api/personas.h"

#include <stdlib.h>

#include "api/http/answer.h"

/* The fields have made sure that it is a number; NULL: it wasn't given. */
static bool is_over(const char *quota, int64_t most)
{
    return quota && strtoll(quota, NULL, 10) > most;
}

const char *personas_quotas(struct call *call)
{
    const struct config *config = call->api->config;
    int64_t most = is_over(call_field(call, "daily_draft_quota"), config->max_draft_quota)   ? config->max_draft_quota
                   : is_over(call_field(call, "daily_reply_quota"), config->max_reply_quota) ? config->max_reply_quota
                                                                                             : 0;
    const char *sentence = arena_printf(call->arena, "quotas must be <= %lld", (long long)most);
    if (most) /* a code without the number, which is a setting */
        call_fail_as(call, 400, sentence, "quotas_must_be");
    return most ? sentence : NULL;
}

const char *personas_new(struct call *call)
{
    const struct config *config = call->api->config;
    call_number_param(call, MIN(config->draft_quota, config->max_draft_quota));
    call_number_param(call, MIN(config->reply_quota, config->max_reply_quota));
    call_number_param(call, config->max_personas);
    return personas_quotas(call);
}
