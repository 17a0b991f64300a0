/* GET /openapi.json: the OpenAPI 3.1 document of this API, made from the tables that serve it.
 *
 * Routes and their fields come from `routes`, statuses and errors from the statements' contracts
 * and the rows' `answers`, the shapes of bodies from schemas.json. The answers of the pipeline
 * itself (pipeline.c) are added by rule.
 */
#ifndef PW_API_OPENAPI_OPENAPI_H
#define PW_API_OPENAPI_OPENAPI_H

#include "api/http/call.h"

void openapi_make(void);          /* once, before the threads */
void openapi_free(void);          /* after them */
void openapi_show(struct call *); /* GET /openapi.json, with ETag */

#endif
