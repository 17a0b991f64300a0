/* Templates: what their statements need beside the fields. */
#ifndef PW_API_TEMPLATES_H
#define PW_API_TEMPLATES_H

#include "api/http/call.h"

const char *templates_check(struct call *); /* the rules of a new one */

#endif
