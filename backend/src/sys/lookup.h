/* Looks a host name up in a thread of its own: getaddrinfo blocks for as long as the name servers
 * let it, and can't be cancelled. So a name that takes long holds up nobody but who asks for it.
 */
#ifndef PW_SYS_LOOKUP_H
#define PW_SYS_LOOKUP_H

#include "base/base.h"

struct lookup;

/* Never waits, and never fails: what goes wrong is the answer. */
struct lookup *lookup_start(const char *host);
/* becomes readable when the answer is there; belongs to the lookup */
int lookup_fd(const struct lookup *);
/* Once the descriptor is readable: a few numeric addresses, joined by commas, or NULL, with
 * the reason in `why`. Both live as long as the lookup. */
const char *lookup_addresses(const struct lookup *, const char **why);
/* At any time, and NULL is fine: the thread ends by itself. */
void lookup_free(struct lookup *);

#endif
