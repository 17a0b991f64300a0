/* What the settings say of mails. Pure. */
#ifndef PW_CONFIG_MAIL_H
#define PW_CONFIG_MAIL_H

#include "config/config.h"

/* A server needs to know who its mails are from. */
bool config_mail_is_whole(const struct config *, struct err *err) MUST_CHECK;

/* Whether links reach people: by mail, or, outside prod, by the worker's log. */
bool config_links_go_out(const struct config *);

/* Whether a connection to the server must be encrypted before anything is said: always with
 * smtps://; with smtp:// in prod and where the URL has a password, unless the server is on this
 * machine. */
bool config_smtp_needs_tls(const struct config *);

#endif
