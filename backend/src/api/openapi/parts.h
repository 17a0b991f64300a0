/* The parts of the OpenAPI document, as JSON that the caller owns. */
#ifndef PW_API_OPENAPI_PARTS_H
#define PW_API_OPENAPI_PARTS_H

#include <jansson.h>

#include "api/http/route.h"

/* ---- fields (fields.c) ---- */

json_t *openapi_body(const struct field *); /* the schema of a body */
/* a list of parameters; NULL: none */
json_t *openapi_query(const struct field *);
/* adds the errors that the walker of fields gives */
void openapi_body_errors(json_t *answers, const struct field *);
void openapi_query_errors(json_t *answers, const struct field *); /* NULL: none */

/* ---- answers (answers.c) ---- */

/* Adds a contract to what a route answers: "201 Post | 404 post not found". */
void openapi_add(json_t *answers, const char *contract);
void openapi_add_error(json_t *answers, int status, const char *sentence); /* NULL: nothing */

/* adds an answer that many routes share: 401, 413, 503, 504 */
void openapi_add_shared(json_t *answers, int status);

/* The responses of all that was added; a shape is a name in `schemas`. What is shared becomes a
 * reference to one of openapi_shared_responses. */
json_t *openapi_responses(json_t *answers, const json_t *schemas);
json_t *openapi_shared_responses(void);

#endif
