#include "domain/mail/words.h"

#include "base/base.h"

static const char *const pages[] = {[MAIL_VERIFICATION] = "verify", [MAIL_RESET] = "reset"};

static const struct {
    const char *subject, *before, *after; /* the link stands between */
} words[][LANGUAGES] = {
    [MAIL_VERIFICATION] =
        {
            [LANGUAGE_EN] = {"Confirm your e-mail address",
                             "Hello,\n\nan account at PersonaWorlds has this e-mail address. If it is yours, please\n"
                             "confirm the address:\n\n",
                             "\n\nThe link works once, for 24 hours.\n\nIf you have no account at PersonaWorlds, do "
                             "nothing: somebody typed your\naddress by mistake.\n"},
            [LANGUAGE_TR] =
                {"E-posta adresini doğrula",
                 "Merhaba,\n\nPersonaWorlds'deki bir hesap bu e-posta adresini kullanıyor. Hesap seninse "
                 "lütfen\nadresini doğrula:\n\n",
                 "\n\nBağlantı bir kez ve 24 saat boyunca geçerlidir.\n\nPersonaWorlds'de hesabın yoksa bir "
                 "şey yapman gerekmez: biri adresini\nyanlışlıkla yazmış.\n"},
        },
    [MAIL_RESET] =
        {
            [LANGUAGE_EN] = {"Set a new password",
                             "Hello,\n\nsomebody asked for a new password for your account at PersonaWorlds. If that "
                             "was\nyou, set it here:\n\n",
                             "\n\nThe link works once, for 30 minutes. A new password ends all sessions.\n\nIf it "
                             "wasn't you, do nothing: your password stays as it is.\n"},
            [LANGUAGE_TR] = {"Yeni parola belirle",
                             "Merhaba,\n\nPersonaWorlds hesabın için yeni bir parola istendi. İsteyen sensen parolanı "
                             "burada\nbelirle:\n\n",
                             "\n\nBağlantı bir kez ve 30 dakika boyunca geçerlidir. Yeni parola bütün oturumları\n"
                             "kapatır.\n\nİsteyen sen değilsen bir şey yapman gerekmez: parolan olduğu gibi kalır.\n"},
        },
};

char *mail_link(struct arena *arena, enum mail_kind kind, const char *origin, const char *token)
{
    return arena_printf(arena, "%s/%s?token=%s", origin, pages[kind], token);
}

const char *mail_subject(enum mail_kind kind, enum language language)
{
    return words[kind][language].subject;
}

char *mail_body(struct arena *arena, enum mail_kind kind, enum language language, const char *link)
{
    return arena_printf(arena, "%s%s%s", words[kind][language].before, link, words[kind][language].after);
}
