#include "sys/db/json_value.h"

#include <endian.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* pg_type.dat */
enum {
    TYPE_BOOL = 16,
    TYPE_INT8 = 20,
    TYPE_INT2 = 21,
    TYPE_INT4 = 23,
    TYPE_JSON = 114,
    TYPE_FLOAT8 = 701,
    TYPE_TEXTS = 1009,
    TYPE_DATE = 1082,
    TYPE_TIMESTAMPTZ = 1184,
    TYPE_UUID = 2950,
    TYPE_JSONB = 3802,
};

enum { DAYS_TO_2000 = 10957 }; /* from 1970; Postgres counts from 2000 */
static const int64_t US_PER_DAY = 86400LL * 1000000;

static uint16_t read_16(const char *bytes)
{
    uint16_t n;
    memcpy(&n, bytes, sizeof n);
    return be16toh(n);
}

static uint32_t read_32(const char *bytes)
{
    uint32_t n;
    memcpy(&n, bytes, sizeof n);
    return be32toh(n);
}

static uint64_t read_64(const char *bytes)
{
    uint64_t n;
    memcpy(&n, bytes, sizeof n);
    return be64toh(n);
}

/* ---- text ---- */

/* Bytes that the processor looks at together (a vector of GCC's). */
typedef unsigned char chunk __attribute__((vector_size(16)));

/* Whether a byte has to be escaped: a control character, a quote or a backslash. */
static bool has_special(chunk bytes)
{
    uint64_t found[2];
    chunk special = (chunk)(bytes < 0x20) | (chunk)(bytes == '"') | (chunk)(bytes == '\\');
    memcpy(found, &special, sizeof found);
    return (found[0] | found[1]) != 0;
}

static bool is_special(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

static char *escape_char(char *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char letters[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                   ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    *out++ = '\\';
    if (letters[c]) {
        *out++ = letters[c];
        return out;
    }
    out = (char *)memcpy(out, "u00", 3) + 3;
    *out++ = hex[c >> 4];
    *out++ = hex[c & 15];
    return out;
}

static char *write_text(char *out, const char *text, size_t len)
{
    *out++ = '"';
    for (size_t i = 0; i < len;) {
        chunk bytes;
        if (len - i >= sizeof bytes && (memcpy(&bytes, text + i, sizeof bytes), !has_special(bytes))) {
            memcpy(out, &bytes, sizeof bytes);
            out += sizeof bytes;
            i += sizeof bytes;
            continue;
        }
        for (size_t end = MIN(i + sizeof bytes, len); i < end; i++)
            out = is_special((unsigned char)text[i]) ? escape_char(out, (unsigned char)text[i])
                                                     : (*out = text[i], out + 1);
    }
    *out++ = '"';
    return out;
}

/* ---- numbers ---- */

static char *write_number(char *out, int64_t n)
{
    char digits[24], *first = digits + sizeof digits;
    uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do
        *--first = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (n < 0)
        *--first = '-';
    size_t len = (size_t)(digits + sizeof digits - first);
    memcpy(out, first, len);
    return out + len;
}

/* The shortest of the forms that read back as the same number. */
static char *write_double(char *out, const char *value)
{
    uint64_t bits = read_64(value);
    double n;
    memcpy(&n, &bits, sizeof n);
    if (!isfinite(n))
        return (char *)memcpy(out, "null", 4) + 4;
    int len = 0;
    for (int digits = 15; digits <= 17; digits++) {
        len = snprintf(out, JSON_BESIDE_TEXT, "%.*g", digits, n);
        if (strtod(out, NULL) == n)
            break;
    }
    return out + len;
}

/* ---- identifiers, dates and times ---- */

/* Two digits a byte, both of them at once: a page of posts has hundreds of ids. */
static void write_hex(char *out, const char *bytes, int count)
{
    static const char pairs[] =
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
        "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
        "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
        "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
        "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
        "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
        "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
    for (int i = 0; i < count; i++)
        memcpy(out + 2 * (size_t)i, pairs + 2 * (size_t)(unsigned char)bytes[i], 2);
}

static char *write_uuid(char *out, const char *value)
{
    out[0] = out[37] = '"';
    out[9] = out[14] = out[19] = out[24] = '-';
    write_hex(out + 1, value, 4);
    write_hex(out + 10, value + 4, 2);
    write_hex(out + 15, value + 6, 2);
    write_hex(out + 20, value + 8, 2);
    write_hex(out + 25, value + 10, 6);
    return out + 38;
}

static char *write_digits(char *out, int count, uint64_t n)
{
    for (int i = count - 1; i >= 0; i--, n /= 10)
        out[i] = (char)('0' + n % 10);
    return out + count;
}

/* YYYY-MM-DD of the days since 1970, in the proleptic Gregorian calendar (H. Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms", civil_from_days). */
static char *write_day(char *out, int64_t days)
{
    enum { DAYS_PER_ERA = 146097, DAYS_FROM_MARCH_0 = 719468 };
    int64_t shifted = days + DAYS_FROM_MARCH_0;
    int64_t era = (shifted >= 0 ? shifted : shifted - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t day_of_era = shifted - era * DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    int64_t year = year_of_era + era * 400 + (month <= 2);
    out = year > 9999 ? write_number(out, year) : write_digits(out, 4, (uint64_t)MAX(year, 0));
    *out++ = '-';
    out = write_digits(out, 2, (uint64_t)month);
    *out++ = '-';
    return write_digits(out, 2, (uint64_t)(day_of_year - (153 * month_from_march + 2) / 5 + 1));
}

/* The server's range ends 30 years later than this one. */
int64_t json_unix_us(const char *value)
{
    const int64_t to_2000 = DAYS_TO_2000 * US_PER_DAY;
    return MIN((int64_t)read_64(value), INT64_MAX - to_2000) + to_2000;
}

/* RFC 3339, in UTC, with six digits. */
static char *write_time(char *out, const char *value)
{
    int64_t us = (int64_t)read_64(value), days = us / US_PER_DAY - (us % US_PER_DAY < 0); /* since 2000 */
    uint64_t of_day = (uint64_t)(us - days * US_PER_DAY), second = of_day / 1000000;
    *out++ = '"';
    out = write_day(out, days + DAYS_TO_2000);
    *out++ = 'T';
    out = write_digits(out, 2, second / 3600);
    *out++ = ':';
    out = write_digits(out, 2, second / 60 % 60);
    *out++ = ':';
    out = write_digits(out, 2, second % 60);
    *out++ = '.';
    out = write_digits(out, 6, of_day % 1000000);
    *out++ = 'Z';
    *out++ = '"';
    return out;
}

static char *write_date(char *out, const char *value)
{
    *out++ = '"';
    out = write_day(out, (int32_t)read_32(value) + (int64_t)DAYS_TO_2000);
    *out++ = '"';
    return out;
}

bool json_is_infinite(unsigned type, const char *value)
{
    if (type == TYPE_TIMESTAMPTZ)
        return (int64_t)read_64(value) == INT64_MAX || (int64_t)read_64(value) == INT64_MIN;
    return type == TYPE_DATE && ((int32_t)read_32(value) == INT32_MAX || (int32_t)read_32(value) == INT32_MIN);
}

int64_t json_number(unsigned type, const char *value)
{
    if (type == TYPE_INT4)
        return (int32_t)read_32(value);
    if (type != TYPE_TIMESTAMPTZ || json_is_infinite(type, value))
        return (int64_t)read_64(value);
    return json_unix_us(value);
}

/* ---- lists ---- */

/* array_send: dimensions, flags, the elements' type, and of the one dimension its length and lower
 * bound; then each element's length and bytes. A null is -1 long. */
static char *write_texts(char *out, const char *value)
{
    enum { HEADER = 12, DIMENSION = 8 };
    uint32_t count = read_32(value) == 1 ? read_32(value + HEADER) : 0;
    value += HEADER + DIMENSION;
    *out++ = '[';
    for (uint32_t i = 0; i < count; i++) {
        int32_t len = (int32_t)read_32(value);
        value += 4;
        if (i > 0)
            *out++ = ',';
        out = len < 0 ? (char *)memcpy(out, "null", 4) + 4 : write_text(out, value, (size_t)len);
        value += MAX(len, 0);
    }
    *out++ = ']';
    return out;
}

static char *write_copy(char *out, const char *bytes, size_t len)
{
    memcpy(out, bytes, len);
    return out + len;
}

char *json_value(char *out, unsigned type, const char *value, size_t len)
{
    switch (type) {
    case TYPE_BOOL: return *value ? write_copy(out, "true", 4) : write_copy(out, "false", 5);
    case TYPE_INT2: return write_number(out, (int16_t)read_16(value));
    case TYPE_INT4: return write_number(out, (int32_t)read_32(value));
    case TYPE_INT8: return write_number(out, (int64_t)read_64(value));
    case TYPE_FLOAT8: return write_double(out, value);
    case TYPE_UUID: return write_uuid(out, value);
    case TYPE_DATE: return write_date(out, value);
    case TYPE_TIMESTAMPTZ: return write_time(out, value);
    case TYPE_JSON: return write_copy(out, value, len);
    case TYPE_JSONB: return write_copy(out, value + 1, len - 1); /* after the format's version */
    case TYPE_TEXTS: return write_texts(out, value);
    default: return write_text(out, value, len);
    }
}
