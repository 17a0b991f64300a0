/* Notifications: the page of the list, and the log lines of those that a request makes. */
#ifndef PW_API_NOTIFICATIONS_H
#define PW_API_NOTIFICATIONS_H

#include "api/http/call.h"
#include "domain/fields.h"

/* those to be marked as read: ids[] */
extern const struct field notification_fields[];

/* adds the limit and the cursor; returns NULL or the sentence of a 400 */
const char *notifications_page(struct call *);

/* logs and counts a notification that a statement made */
void notification_created(const struct call *, const char *type);
/* logs that a notification failed, with the act behind it: they are one transaction */
void notification_failed(const struct call *, const char *type, const char *why);

#endif
