/* What every file needs: attributes, small macros, and the error that says what was being done. */
#ifndef PW_BASE_BASE_H
#define PW_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))

/* 1 where AddressSanitizer watches memory, else 0. gcc says so by the first name, clang by the
 * second. */
#ifdef __SANITIZE_ADDRESS__
#define ADDRESS_SANITIZER 1
#elif defined __has_feature
#define ADDRESS_SANITIZER __has_feature(address_sanitizer)
#else
#define ADDRESS_SANITIZER 0
#endif

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* An error for the operator, in words: "while opening port 8080: Address already in use". Never
 * shown to a client. */
struct err {
    char text[512];
};

/* Writes the sentence (cut where it is too long) and returns false, so that a failing function
 * can end with `return fail(err, …)`. */
bool fail(struct err *err, const char *fmt, ...) PRINTF(2, 3);

/* For what must hold in rings and lists, where a mistake would be an endless loop or a use of
 * freed memory. Every build checks it: a false condition writes one line on stderr and aborts.
 * It is never for what comes from outside the process. */
#define INVARIANT(condition) ((condition) ? (void)0 : invariant_broken(__FILE__, __LINE__, #condition))
void invariant_broken(const char *file, int line, const char *condition) NORETURN;

/* Before a TAILQ_REMOVE: the element stands in a list, and wasn't removed already. */
#define INVARIANT_LINKED(element, field) INVARIANT(*(element)->field.tqe_prev == (element))

/* malloc, calloc and realloc that end the process when memory is out: every input is bounded, so
 * there is nothing sensible left to do. */
void *must_alloc(size_t size) __attribute__((malloc, alloc_size(1), returns_nonnull));
void *must_calloc(size_t count, size_t size) __attribute__((malloc, alloc_size(1, 2), returns_nonnull));
void *must_realloc(void *old, size_t size) __attribute__((alloc_size(2), returns_nonnull));
char *must_strdup(const char *text) __attribute__((malloc, returns_nonnull));

#endif
