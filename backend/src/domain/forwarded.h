/* Who asks, by what proxies wrote into X-Forwarded-For. Pure. */
#ifndef PW_FORWARDED_H
#define PW_FORWARDED_H

#include "domain/cidr.h"

/* The client's address: `peer`, or, where that is one of the `count` trusted proxies, the right-most member of
 * `hops` (addresses separated by commas, the latest last) that no trusted proxy vouches for. Members to the left
 * of it are whatever a client cared to write; one that is no address ends the walk at the last good one. */
struct address forwarded_client(const struct address *peer, const char *hops, const struct cidr *proxies, int count);

#endif
