/* The content check: what may be published. */
#ifndef PW_DOMAIN_CONTENT_H
#define PW_DOMAIN_CONTENT_H

#include "base/base.h"

/* NULL where the text passes, else the sentence of the first rule it breaks: "content cannot be
 * empty", "content exceeds max length" (code points), "content failed profanity check", "content
 * failed link spam check". Static strings. */
const char *content_check(const char *text, size_t max_len);

/* How many links the text has; a link begins with http://, https:// or www. in any case. */
int content_links(const char *text);

/* The first of `phrases` that the text contains (whole words, case- and accent-insensitive), or
 * NULL. */
const char *content_said(const char *text, const char *const *phrases, int count);

#endif
