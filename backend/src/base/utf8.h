/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. No
 * library, no locale, no allocation. */
#ifndef PW_BASE_UTF8_H
#define PW_BASE_UTF8_H

#include "base/base.h"

/* The bytes (1-4) of the well-formed character at the start of `text`, or 0 where there is none. */
size_t utf8_length_at(const char *text, size_t len);

/* The character of `bytes` bytes (utf8_length_at) at the start of `text`. */
uint32_t utf8_code_point(const char *text, size_t bytes);

/* whether the bytes are UTF-8 (RFC 3629): no overlong form, no surrogate */
bool utf8_valid(const char *text, size_t len);

/* Code points of a valid text; any other byte counts as one. */
size_t utf8_count(const char *text, size_t len);

/* Whether a valid text has more code points than `max`. A text that is far longer isn't counted. */
bool utf8_exceeds(const char *text, size_t max);

/* The bytes of the first `count` code points of a text, or of all of it where it has fewer. */
size_t utf8_bytes(const char *text, size_t count);

#endif
