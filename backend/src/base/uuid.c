#include "base/uuid.h"

#include <ctype.h>

bool uuid_valid(const char *text, size_t len)
{
    enum { LENGTH = 36, VERSION = 14, VARIANT = 19 };
    if (len != LENGTH)
        return false;
    for (int i = 0; i < LENGTH; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
            return false;
    }
    char variant = (char)tolower((unsigned char)text[VARIANT]);
    return text[VERSION] >= '1' && text[VERSION] <= '5' &&
           (variant == '8' || variant == '9' || variant == 'a' || variant == 'b');
}
