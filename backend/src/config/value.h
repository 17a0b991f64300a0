/* The text of a setting: NAME of the environment, else the content of the file that NAME_FILE
 * names. Neither an empty NAME nor an empty NAME_FILE counts as set. For config/ alone. */
#ifndef PW_CONFIG_VALUE_H
#define PW_CONFIG_VALUE_H

#include "base/base.h"

/* by NAME or by NAME_FILE */
bool value_is_set(const char *name);

/* The text, without the line ends at a file's end; "" where it isn't set; NULL: the file can't be a
 * value. Given back with value_let_go. */
const char *value_read(const char *name, struct err *) MUST_CHECK;
void value_let_go(const char *name, const char *text);

/* puts a file's text into the environment as NAME, where NAME isn't set */
bool value_unfold(const char *name, struct err *) MUST_CHECK;

#endif
