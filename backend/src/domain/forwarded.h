/* The client's address by the header that proxies write: X-Forwarded-For, or Forwarded (RFC 7239).
 * Pure. */
#ifndef PW_DOMAIN_FORWARDED_H
#define PW_DOMAIN_FORWARDED_H

#include "domain/callers.h"

struct forwarded {
    struct address client;
    /* the item that ended the walk as it names no address, in the header's text; NULL: none did */
    const char *unreadable;
    size_t unreadable_len;
};

/* Who the client is: `peer`, or, where `peer` is a trusted proxy, the right-most item of `list`
 * that no trusted proxy vouches for. `list` is the header with all its lines joined by commas, the
 * latest last. Items further left are the client's own, and prove nothing.
 *
 * An item may have a port, brackets and quotes; empty items don't count. An item that names no
 * address (`unknown`, an element of Forwarded without `for`) ends the walk at the proxy that wrote
 * it. A client behind NAT64 is its IPv4 address; whether an address is a proxy's is asked before
 * that. */
struct forwarded forwarded_client(const struct address *peer, const char *list, enum forwarded_header,
                                  const struct proxies *);

#endif
