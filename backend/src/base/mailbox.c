#include "base/mailbox.h"

#include <string.h>

#include "base/utf8.h"

enum { ADDRESS_MAX = 254 };

static bool is_plain(const char *text, size_t len)
{
    static const char special[] = "\"(),:;<>[\\]\x7f";
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] <= ' ' || strchr(special, text[i]))
            return false;
    return utf8_valid(text, len);
}

bool mail_address_is_fit(const char *address, size_t len)
{
    const char *at = memchr(address, '@', len);
    const char *end = address + len;
    return at && at > address && at + 1 < end && !memchr(at + 1, '@', (size_t)(end - at - 1)) && len <= ADDRESS_MAX &&
           *address != '-' && is_plain(address, len);
}

/* No line end may get into a header, nor what a name can't say there. */
static bool is_name(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == '\x7f' || text[i] == '<' || text[i] == '>')
            return false;
    return utf8_valid(text, len);
}

bool mailbox_read(const char *text, struct mailbox *mailbox)
{
    size_t len = strlen(text), name_len = strcspn(text, "<");
    bool has_name = name_len < len;
    *mailbox = (struct mailbox){.name = text, .address = text, .address_len = len};
    if (has_name && text[len - 1] != '>')
        return false;
    if (has_name) {
        mailbox->address = text + name_len + 1;
        mailbox->address_len = len - name_len - 2;
        while (name_len > 0 && text[name_len - 1] == ' ')
            name_len--;
        mailbox->name_len = name_len;
    }
    return is_name(mailbox->name, mailbox->name_len) && mail_address_is_fit(mailbox->address, mailbox->address_len);
}
