/* UUIDs as text (RFC 4122, versions 1-5). */
#ifndef PW_BASE_UUID_H
#define PW_BASE_UUID_H

#include "base/base.h"

enum { UUID_SIZE = 37 }; /* with the NUL at its end */

/* True for 8-4-4-4-12 hex digits, either case, version 1-5 and the RFC's variant. */
bool uuid_valid(const char *text, size_t len);

#endif
