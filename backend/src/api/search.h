/* What is found by its words: posts, personas, templates, rooms. */
#ifndef PW_API_SEARCH_H
#define PW_API_SEARCH_H

#include "api/http/call.h"
#include "domain/fields.h"

extern const struct field search_query[]; /* q, kind, limit, cursor */

/* adds the statement's parameters; returns NULL or the sentence of a 400 */
const char *search_prepare(struct call *);

#endif
