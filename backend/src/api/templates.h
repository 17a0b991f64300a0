/* Checks of templates beyond their fields. */
#ifndef PW_API_TEMPLATES_H
#define PW_API_TEMPLATES_H

#include "api/http/call.h"

const char *templates_check(struct call *); /* checks a new template's rules; returns NULL or the sentence of a 400 */

#endif
