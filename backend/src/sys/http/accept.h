/* The headers Accept, Accept-Encoding and Accept-Language: which type of content, which coding and
 * which language a client would rather have (RFC 9110, section 12.5). Pure. */
#ifndef PW_SYS_HTTP_ACCEPT_H
#define PW_SYS_HTTP_ACCEPT_H

#include "base/base.h"

/* The range that a type is in: the closest one gives its weight. */
enum accept_range {
    ACCEPT_NOT,   /* in none */
    ACCEPT_ANY,   /* everything */
    ACCEPT_GROUP, /* everything of its kind, like all text */
    ACCEPT_NAMED, /* its own */
};

struct accepted {
    enum accept_range range;
    int weight; /* thousandths; 0: not wanted */
};

/* `accept` is the header's whole value; NULL: none was sent, which takes everything. Members that
 * can't be read count as not there. Parameters of a range but its weight are ignored. */
struct accepted accept_of(const char *accept, const char *type);

/* The place among `languages` ("en", "tr") of the one that weighs most in an Accept-Language, of
 * equals the one that is named first; 0 where none of them is wanted or none was sent. "tr-CY"
 * names "tr", too (RFC 4647, section 3.4). */
size_t accept_language(const char *header, const char *const *languages, size_t count);

/* The weight of a coding ("br") in an Accept-Encoding, in thousandths; 0: not wanted. NULL: none
 * was sent, and nothing is coded then, though the standard would allow it. */
int accept_coding(const char *header, const char *coding);

#endif
