/* SMTP_URL and MAIL_FROM as texts: smtp://[user:password@]host[:port], or smtps://. Pure; nothing
 * quotes them, as the URL may have a password. */
#ifndef PW_CONFIG_SMTP_URL_H
#define PW_CONFIG_SMTP_URL_H

#include "base/base.h"

/* Checks of the settings' texts: NULL, or "must …". */
const char *smtp_url_problem(const char *text);
const char *mail_from_problem(const char *text);

/* Of a URL without a problem. */
bool smtp_url_is_local(const char *url); /* the server is on this machine: a loopback address */
bool smtp_url_has_login(const char *url);
bool smtp_url_is_smtps(const char *url); /* encrypted from the first byte on */

#endif
