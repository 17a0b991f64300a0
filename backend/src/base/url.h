/* Checks of URLs that may have a user name and a password in them, and percent-encoding. Pure; no
 * URL is ever quoted. */
#ifndef PW_BASE_URL_H
#define PW_BASE_URL_H

#include "base/buf.h"

/* Whether it is clear where the user name and the password end: at the only '@', which stands
 * before the first '/', '?' or '#' behind "://". Else a parser may take a piece of the password
 * for the host, the port or the path, and look it up or quote it. */
bool url_login_is_clear(const char *url);

/* Whether the `len` bytes, percent-decoded, can be a host name or an address: letters, digits,
 * '-', '_', '.', ':' and '%' (of a zone), at least one. */
bool url_host_is_plain(const char *host, size_t len);

/* Percent-decodes the text in place (RFC 3986, section 2.1). False: a '%' without two hexadecimal
 * digits behind it, or an encoded NUL; the text is of no use then. */
bool url_decode(char *text) MUST_CHECK;

/* Adds the text as the value of a parameter in a query (RFC 3986, section 3.4): all but letters,
 * digits, "-._~" and '/' percent-encoded. */
void url_encode(struct buf *, const char *text);

#endif
