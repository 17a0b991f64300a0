#include "sys/curl/library.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "sys/library.h"

struct curl_functions curl_lib;

static struct {
    pthread_once_t once;
    bool loaded;
    struct err err;
} load = {.once = PTHREAD_ONCE_INIT};

static bool find_functions(void)
{
    static const struct library_function functions[] = {
#define ROW(name) {"curl_" #name, &curl_lib.name},
        CURL_FUNCTIONS(ROW)
#undef ROW
    };
    return library_load("libcurl", "libcurl.so.4", functions, COUNT(functions), &load.err);
}

static bool is_usable(void)
{
    enum { WITH_QUICK_EXIT = 0x075700 };
    const curl_version_info_data *version = curl_lib.version_info(CURLVERSION_NOW);
    if (version->version_num < WITH_QUICK_EXIT)
        return fail(&load.err, "libcurl is version %s, but 7.87.0 or later is needed", version->version);
    if (!(version->features & CURL_VERSION_ASYNCHDNS))
        return fail(&load.err, "libcurl %s looks host names up by blocking (no AsynchDNS)", version->version);
    return true;
}

/* OpenSSL writes to its sockets without MSG_NOSIGNAL, so a server that closes early would end
 * the process. */
static void curl_load_once(void)
{
    if (find_functions() && is_usable()) {
        signal(SIGPIPE, SIG_IGN);
        CURLcode code = curl_lib.global_init(CURL_GLOBAL_DEFAULT);
        load.loaded = code == CURLE_OK || fail(&load.err, "while starting libcurl: %s", curl_lib.easy_strerror(code));
    }
}

bool curl_load(struct err *err)
{
    pthread_once(&load.once, curl_load_once);
    if (!load.loaded)
        *err = load.err;
    return load.loaded;
}

void curl_must(bool ok)
{
    if (ok)
        return;
    fputs("{\"level\":\"error\",\"msg\":\"out_of_memory\"}\n", stderr);
    abort();
}
