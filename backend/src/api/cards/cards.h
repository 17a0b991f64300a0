/* A battle's card: drawn off the loop, kept, and not drawn at all for a client that has it
 * already. */
#ifndef PW_API_CARDS_CARDS_H
#define PW_API_CARDS_CARDS_H

#include "api/http/call.h"

void card_show(struct call *);

#endif
