#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool fail(struct err *err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
    return false;
}

void invariant_broken(const char *file, int line, const char *condition)
{
    fprintf(stderr, "{\"level\":\"error\",\"msg\":\"invariant_broken\",\"at\":\"%s:%d\",\"condition\":\"%s\"}\n", file,
            line, condition);
    abort();
}

static void *or_abort(void *memory)
{
    if (memory)
        return memory;
    fputs("{\"level\":\"error\",\"msg\":\"out_of_memory\"}\n", stderr);
    abort();
}

void *must_alloc(size_t size)
{
    return or_abort(malloc(size ? size : 1));
}

void *must_calloc(size_t count, size_t size)
{
    return or_abort(calloc(count ? count : 1, size ? size : 1));
}

void *must_realloc(void *old, size_t size)
{
    return or_abort(realloc(old, size ? size : 1));
}

char *must_strdup(const char *text)
{
    return or_abort(strdup(text));
}
