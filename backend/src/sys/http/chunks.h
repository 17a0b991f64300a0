/* A body in chunks (RFC 9112, section 7.1), read as its bytes come, strictly: lines end with CR LF,
 * sizes are hexadecimal digits, extensions and trailers have no control characters. Both are
 * ignored. Pure; for sys/http alone. */
#ifndef PW_SYS_HTTP_CHUNKS_H
#define PW_SYS_HTTP_CHUNKS_H

#include "base/base.h"

/* Bytes of extensions and trailers that a whole body may have. */
enum { CHUNKS_EXTRA_MAX = 8 * 1024 };

struct chunks { /* begins with zeroes */
    int state;
    int digits;    /* of the size that is being read */
    uint64_t left; /* of the chunk */
    size_t extra;  /* bytes of extensions and trailers so far */
};

enum chunks_found { CHUNKS_MORE, CHUNKS_DATA, CHUNKS_WHOLE, CHUNKS_BROKEN };

/* Reads on at *at, which it moves. DATA: *len bytes of the body are at *data, and there may be more
 * to read; MORE: all was read; WHOLE: the body has ended, and the next request begins at *at. */
enum chunks_found chunks_read(struct chunks *, const char **at, const char *end, const char **data, size_t *len);
/* the bytes that are still to come of a chunk whose size is known */
uint64_t chunks_announced(const struct chunks *);

#endif
