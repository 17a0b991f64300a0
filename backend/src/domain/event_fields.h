/* What an event from a client may say. */
#ifndef PW_DOMAIN_EVENT_FIELDS_H
#define PW_DOMAIN_EVENT_FIELDS_H

#include "base/arena.h"

extern const char *const event_names[]; /* ends with NULL */
extern const char unsupported_event[];

/* The event's name as the table has it, in any case; NULL where there is none. */
const char *event_name(const char *text);

/* Whether clients may send the event; the others are the server's own. `name` is one of
 * event_names. */
bool event_is_clients(const char *name);

enum { EVENT_METADATA_MAX = 4096 }; /* bytes of cleaned metadata */

/* The JSON object cleaned: keys that contain content, message, text or body go, texts are
 * trimmed and cut, empty values and what lies deeper than four lists or objects go, and of each
 * list or object the first 25 remaining entries stay. `json` must be valid; whole numbers stay
 * whole. */
const char *event_metadata(const char *json, struct arena *);

#endif
