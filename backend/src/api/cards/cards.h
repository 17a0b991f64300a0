/* The route of a battle's card. The picture is drawn on another thread, cached, and not drawn for a
 * client that has it already. */
#ifndef PW_API_CARDS_CARDS_H
#define PW_API_CARDS_CARDS_H

#include "api/http/call.h"

void card_show(struct call *);

#endif
