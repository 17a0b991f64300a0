/* The client's address by X-Forwarded-For. Pure. */
#ifndef PW_DOMAIN_FORWARDED_H
#define PW_DOMAIN_FORWARDED_H

#include "domain/cidr.h"

/* The client's address. It is `peer`, or, where `peer` is one of the `count` trusted proxies, the
 * right-most member of `hops` that no trusted proxy vouches for. `hops` has addresses separated by
 * commas, the latest last. Members further left are the client's own, and prove nothing. A member
 * that is no address ends the walk at the last good one. */
struct address forwarded_client(const struct address *peer, const char *hops, const struct cidr *proxies, int count);

#endif
