/* The words that must not be published, English and Turkish: this table is the only place that
 * knows them. */
#ifndef PW_DOMAIN_PROFANITY_H
#define PW_DOMAIN_PROFANITY_H

#include "base/base.h"

/* Whether the text says one of the words, as a whole word, in any case. */
bool profanity_said(const char *text);

#endif
