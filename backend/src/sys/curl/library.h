/* libcurl, loaded when it is first needed, for the files of this folder. Any thread. */
#ifndef PW_SYS_CURL_LIBRARY_H
#define PW_SYS_CURL_LIBRARY_H

#include <curl/curl.h>

#include "base/base.h"

/* Loaded by hand: linked, libcurl and the nine libraries that only it brings cost each process
 * 0.9 MiB and 1.2 ms at its start, and with the mock provider nobody calls it. The header gives
 * the types, so a name and its signature can't part. */
/* clang-format off */
#define CURL_FUNCTIONS(X) \
    X(global_init) \
    X(version_info) \
    X(slist_append) \
    X(slist_free_all) \
    X(easy_init) X(easy_cleanup) X(easy_setopt) X(easy_getinfo) X(easy_header) X(easy_perform) X(easy_strerror) \
        X(multi_init) X(multi_cleanup) X(multi_setopt) X(multi_assign) X(multi_add_handle) X(multi_remove_handle) \
            X(multi_socket_action) X(multi_info_read)
/* clang-format on */

struct curl_functions {
#define CURL_FIELD(name) __typeof__(curl_##name) *name;
    CURL_FUNCTIONS(CURL_FIELD)
#undef CURL_FIELD
};

extern struct curl_functions curl_lib; /* usable once curl_load has succeeded */

bool curl_load(struct err *err) MUST_CHECK; /* stays loaded; false: why not, the same each time */

/* Ends the process where a call of libcurl failed that fails only where memory is out. */
void curl_must(bool ok);

#endif
