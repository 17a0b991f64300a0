/* How much there is in a JSON text, before anybody parses it. */
#ifndef PW_BASE_JSON_VALUES_H
#define PW_BASE_JSON_VALUES_H

#include "base/base.h"

/* At least as many as a parser makes of the text before its end or first error: lists and objects
 * count beside what is in them, and one more where they are empty. One pass, without memory. */
size_t json_values(const char *text, size_t len);

#endif
