/* The client's address: the peer's, or, where the peer is one of TRUSTED_PROXIES, the one that the
 * proxies wrote into the header that FORWARDED_HEADER names. */
#ifndef PW_API_HTTP_CLIENT_H
#define PW_API_HTTP_CLIENT_H

#include "config/config.h"
#include "domain/cidr.h"
#include "sys/http/request.h"

/* Reads TRUSTED_PROXIES and FORWARDED_HEADER; once per process, before any request. */
bool client_start(const struct config *, struct err *) MUST_CHECK;

bool client_is_proxy(const char *peer); /* whether the address is in TRUSTED_PROXIES */

/* By the rule of domain/forwarded.h. An item of the header that names no address is logged, once a
 * minute. */
struct address client_of(struct http_request *);
const char *client_address(struct http_request *); /* "192.0.2.1" or "2001:db8::1" */

/* The client as limits count it: an IPv4 address, or an IPv6 network of 64 bits, which is what a
 * single customer gets. */
const char *client_network(struct http_request *);
/* A wider network around an IPv6 client, "2001:db8::/48"; NULL for IPv4. */
const char *client_wider_network(struct http_request *, int prefix);

#endif
