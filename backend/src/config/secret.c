#include "config/secret.h"

#include <string.h>

enum { STRONG_BYTES = 32, FEW_BYTES = 6 };

static bool is_known(const char *secret)
{
    static const char *const known[] = {"dev-secret-change-me", "dev-secret", "secret", "changeme", "change-me"};
    for (size_t i = 0; i < COUNT(known); i++)
        if (strcmp(secret, known[i]) == 0)
            return true;
    return false;
}

/* 32 random digits, even decimal ones, have more different ones in all but one of 10^7 cases. */
static bool has_few_bytes(const char *secret)
{
    bool seen[256] = {0};
    int different = 0;
    for (const unsigned char *c = (const void *)secret; *c; c++) {
        different += !seen[*c];
        seen[*c] = true;
    }
    return different < FEW_BYTES;
}

/* A text of fewer bytes than a secret must have, at least twice. */
static bool is_repeated(const char *secret, size_t len)
{
    for (size_t period = 1; period < STRONG_BYTES && 2 * period <= len; period++)
        if (memcmp(secret, secret + period, len - period) == 0)
            return true;
    return false;
}

/* "0123…", "fedc…", "aaaa…": half of its bytes or more go on as the two before them. */
static bool is_sequence(const char *secret, size_t len)
{
    size_t foreseen = 0;
    for (size_t i = 2; i < len; i++) {
        int step = secret[i] - secret[i - 1];
        foreseen += step == secret[i - 1] - secret[i - 2] && step >= -1 && step <= 1;
    }
    return 2 * foreseen >= len;
}

const char *secret_weakness(const char *secret)
{
    size_t len = strlen(secret);
    if (is_known(secret))
        return "is a known default";
    if (len < STRONG_BYTES)
        return "is shorter than 32 bytes";
    if (has_few_bytes(secret))
        return "has fewer than 6 different bytes";
    if (is_repeated(secret, len))
        return "is a short text again and again";
    return is_sequence(secret, len) ? "is made of sequences like 0123 or abcd" : NULL;
}
