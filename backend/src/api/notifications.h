/* Notifications: the list's page, and the log's lines of those that a request makes. */
#ifndef PW_API_NOTIFICATIONS_H
#define PW_API_NOTIFICATIONS_H

#include "api/http/call.h"

const char *notifications_page(struct call *); /* adds the limit; returns NULL or the sentence of a 400 */

void notification_created(const struct call *, const char *type);
void notification_failed(const struct call *, const char *type, const char *why); /* the act behind it failed with it: they are one transaction */

#endif
