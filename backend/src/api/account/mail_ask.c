#include "api/account/mail_ask.h"

#include "api/guard/rate_key.h"

const char *mail_asks_key(struct call *call)
{
    struct rate_key key = rate_key_of(call->api->config->jwt_secret, "counts of mails");
    return arena_printf(call->arena, "%016llx%016llx", (unsigned long long)key.high, (unsigned long long)key.low);
}

void mail_add_ask(struct call *call)
{
    call_param(call, *call->api->config->smtp_url ? mail_asks_key(call) : NULL);
    call_param(call, call->request_id);
}

void mail_wake_worker(struct call *call)
{
    if (*call->api->config->smtp_url)
        call_wake_worker(call);
}
