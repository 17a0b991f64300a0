#include "api/notifications.h"

#include "api/http/paging.h"
#include "sys/log.h"

const struct field notification_fields[] = {
    {.name = "ids",
     .kind = FIELD_NUMBER_LIST,
     .max = 100,
     .missing = "ids is required",
     .invalid = "notification id is invalid",
     .wrong_count = "ids must contain at most 100 items"},
    {.kind = FIELD_END},
};

const char *notifications_page(struct call *call)
{
    enum { USUAL = 20 };
    const char *wrong = paging_limit(call, USUAL);
    return wrong ? wrong : paging_numbered_cursor(call);
}

void notification_created(const struct call *call, const char *type)
{
    log_info("notification_created", log_str("type", type), log_str("request_id", call->request_id));
}

void notification_failed(const struct call *call, const char *type, const char *why)
{
    log_warn("notification_failed", log_str("type", type), log_str("error", why),
             log_str("request_id", call->request_id));
}
