/* Templates: the lists, the deletion, and checks beyond the fields of a body. */
#ifndef PW_API_TEMPLATES_H
#define PW_API_TEMPLATES_H

#include "api/http/call.h"
#include "domain/fields.h"

extern const struct field templates_query[]; /* mine, cursor */

/* Both return NULL or the sentence of a 400. */
const char *templates_check(struct call *); /* checks a template's rules */
const char *templates_page(struct call *);  /* adds the cursor */

void templates_list(struct call *);   /* GET /templates: the public ones, or with mine=1 the caller's own */
void templates_delete(struct call *); /* DELETE /templates/{id} */

#endif
