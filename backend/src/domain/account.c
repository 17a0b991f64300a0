#include "domain/account.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "common_passwords.h" /* made by the build */

char *account_email(struct arena *arena, const char *written)
{
    return text_lower_ascii(arena, written);
}

char *account_email_folded(struct arena *arena, const char *written)
{
    return text_lower(arena, written);
}

bool account_email_is_fit(const char *email)
{
    return strchr(email, '@') && strlen(email) <= EMAIL_MAX_BYTES && !text_has_unseen(email);
}

static bool is_one_character(const char *text)
{
    size_t len = strlen(text), bytes = utf8_length_at(text, len);
    return bytes > 0 && memcmp(text, text + bytes, len - bytes) == 0;
}

/* bsearch hands its comparison no context, and the table's texts have no ends. */
static bool row_has(const struct common_passwords *row, const char *password)
{
    for (size_t low = 0, high = row->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(password, row->texts + middle * row->length, row->length);
        if (order == 0)
            return true;
        low = order > 0 ? middle + 1 : low;
        high = order < 0 ? middle : high;
    }
    return false;
}

bool account_password_is_common(struct arena *arena, const char *password)
{
    const char *lower = text_lower_ascii(arena, password);
    const struct common_passwords *row = common_passwords;
    while (row->length && row->length != strlen(lower))
        row++;
    return (row->length && row_has(row, lower)) || is_one_character(password);
}
