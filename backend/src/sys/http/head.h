/* The head of a request: its request line and its header fields (RFC 9112, sections 2, 3, 5 and 6;
 * RFC 9110, section 5.5). Pure; for sys/http alone.
 *
 * It is read strictly. What two servers in a row could read in two ways is an error: lines that
 * don't end with CR LF, folded lines, control characters, blanks in names, more than one length.
 * So a server in front and this one always see the same requests. */
#ifndef PW_SYS_HTTP_HEAD_H
#define PW_SYS_HTTP_HEAD_H

#include "base/arena.h"

enum { HEAD_SIZE_MAX = 16 * 1024, HEAD_FIELDS_MAX = 100 };

/* How far the bytes of a head were looked at. It begins with zeroes. */
struct head_scan {
    size_t at;   /* the next byte to look at; at the end: where the body begins */
    size_t line; /* where the line begins that `at` is in */
    bool after_cr;
};

enum head_found { HEAD_MORE, HEAD_WHOLE, HEAD_BROKEN };

/* Looks at the bytes from `at` on. Each call has the bytes of the one before and more. Empty lines
 * before the request line aren't part of a head. */
enum head_found head_scan(struct head_scan *, const char *bytes, size_t len);

struct head {
    const char *method;      /* as sent; "" where there is no request line */
    const char *path;        /* as sent, still percent-encoded; "*" is asked for by OPTIONS alone */
    const char *query;       /* after the '?'; "" where none */
    bool is_1_0;             /* HTTP/1.0; else 1.1 */
    bool keeps_alive;        /* the connection may have further requests */
    bool waits_for_go_ahead; /* its body comes after a "100 Continue" */
    bool is_chunked;
    uint64_t length; /* of the body; 0 where none is announced */
    int field_count;
    struct field {
        const char *name, *value; /* blanks around the value are cut off */
    } *fields;
};

/* Reads a head that head_scan found whole, or as much of it as there is. 0, or the status that it
 * is to be refused with, 400 or 431; the request line is known where it could be read. The
 * texts live as long as the arena. */
int head_read(struct head *, struct arena *, const char *bytes, size_t len);

/* the first of that name, in any case; NULL: there is none */
const struct field *head_find(const struct head *, const char *name);
/* the next one of the same name */
const struct field *head_find_next(const struct head *, const struct field *);

#endif
