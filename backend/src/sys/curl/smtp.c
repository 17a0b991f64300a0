#include "sys/curl/smtp.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "sys/curl/library.h"

enum { ADDRESS_SIZE = 320 };

struct transfer {
    const struct smtp_ask *ask;
    CURL *easy;
    struct curl_slist *recipients;
    size_t read;
    bool is_about_mail; /* the last command was about this mail's recipient or text */
    char from[ADDRESS_SIZE], to[ADDRESS_SIZE];
    char problem[CURL_ERROR_SIZE];
};

bool smtp_start(struct err *err)
{
    return curl_load(err);
}

static size_t on_read(char *out, size_t one, size_t room, void *ctx)
{
    (void)one;
    struct transfer *transfer = ctx;
    size_t len = MIN(room, transfer->ask->len - transfer->read);
    memcpy(out, transfer->ask->message + transfer->read, len);
    transfer->read += len;
    return len;
}

static int on_progress(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    const struct transfer *transfer = ctx;
    const atomic_bool *cancelled = transfer->ask->cancelled;
    return cancelled && atomic_load_explicit(cancelled, memory_order_relaxed);
}

/* Sees each command before its answer, so that an answer is known to be about this mail. A server
 * that refuses our login or our sender would refuse every mail. */
static int on_line(CURL *easy, curl_infotype type, char *line, size_t len, void *ctx)
{
    static const char recipient[] = "RCPT ";
    struct transfer *transfer = ctx;
    (void)easy;
    if (type == CURLINFO_HEADER_OUT && len >= sizeof recipient - 1 &&
        memcmp(line, recipient, sizeof recipient - 1) == 0)
        transfer->is_about_mail = true;
    return 0;
}

/* No CAPATH: sys/curl/http_client.c says why. */
static void smtp_set_options(struct transfer *transfer)
{
    const struct smtp_ask *ask = transfer->ask;
    const long timeout_ms = (long)MIN(MAX(ask->timeout_ms, 1), INT32_MAX);
    const struct {
        CURLoption option;
        long value;
    } numbers[] = {{CURLOPT_NOSIGNAL, 1},
                   {CURLOPT_QUICK_EXIT, 1},
                   {CURLOPT_VERBOSE, 1}, /* for on_line */
                   {CURLOPT_NOPROGRESS, 0},
                   {CURLOPT_USE_SSL, ask->needs_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE},
                   {CURLOPT_TIMEOUT_MS, timeout_ms},
                   {CURLOPT_SERVER_RESPONSE_TIMEOUT, timeout_ms / 1000 + 1}};
    const struct {
        CURLoption option;
        const void *value;
    } pointers[] = {{CURLOPT_PROTOCOLS_STR, "smtp,smtps"},
                    {CURLOPT_CAPATH, NULL},
                    {CURLOPT_PROXY, ""},
                    {CURLOPT_URL, ask->url},
                    {CURLOPT_DEBUGDATA, transfer},
                    {CURLOPT_XFERINFODATA, transfer},
                    {CURLOPT_ERRORBUFFER, transfer->problem}};
    for (size_t i = 0; i < COUNT(numbers); i++)
        curl_must(curl_lib.easy_setopt(transfer->easy, numbers[i].option, numbers[i].value) == CURLE_OK);
    for (size_t i = 0; i < COUNT(pointers); i++)
        curl_must(curl_lib.easy_setopt(transfer->easy, pointers[i].option, pointers[i].value) == CURLE_OK);
    curl_must(curl_lib.easy_setopt(transfer->easy, CURLOPT_DEBUGFUNCTION, on_line) == CURLE_OK &&
              curl_lib.easy_setopt(transfer->easy, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK);
    if (*ask->ca_bundle)
        curl_must(curl_lib.easy_setopt(transfer->easy, CURLOPT_CAINFO, ask->ca_bundle) == CURLE_OK);
}

static void set_mail(struct transfer *transfer)
{
    const struct smtp_ask *ask = transfer->ask;
    CURL *easy = transfer->easy;
    snprintf(transfer->from, ADDRESS_SIZE, "<%s>", ask->from);
    snprintf(transfer->to, ADDRESS_SIZE, "<%s>", ask->to);
    transfer->recipients = curl_lib.slist_append(NULL, transfer->to);
    curl_must(transfer->recipients && curl_lib.easy_setopt(easy, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
              curl_lib.easy_setopt(easy, CURLOPT_MAIL_FROM, transfer->from) == CURLE_OK &&
              curl_lib.easy_setopt(easy, CURLOPT_MAIL_RCPT, transfer->recipients) == CURLE_OK &&
              curl_lib.easy_setopt(easy, CURLOPT_READFUNCTION, on_read) == CURLE_OK &&
              curl_lib.easy_setopt(easy, CURLOPT_READDATA, transfer) == CURLE_OK &&
              curl_lib.easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)ask->len) == CURLE_OK);
}

static bool smtp_is_tls_fault(CURLcode code)
{
    return code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_USE_SSL_FAILED;
}

static struct smtp_reply smtp_reply_of(const struct transfer *transfer, CURLcode code)
{
    long status = 0;
    curl_lib.easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    bool is_refused = transfer->is_about_mail && status / 100 == 5;
    return (struct smtp_reply){.outcome = code == CURLE_OK ? SMTP_SENT
                                          : is_refused     ? SMTP_REFUSED
                                                           : SMTP_FAILED,
                               .status = (int)status,
                               .is_tls_fault = smtp_is_tls_fault(code),
                               .is_login_refused = code == CURLE_LOGIN_DENIED,
                               .problem = code == CURLE_OK     ? NULL
                                          : *transfer->problem ? transfer->problem
                                                               : curl_lib.easy_strerror(code)};
}

/* The goodbye to the server is sent at the clean-up, and its answer isn't waited for: a server that
 * hangs then would hold up this thread for two minutes. */
static void smtp_stop_listening(CURL *easy)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (curl_lib.easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK && fd != CURL_SOCKET_BAD)
        shutdown(fd, SHUT_RD);
}

void smtp_send(const struct smtp_ask *ask, smtp_done *done, void *ctx)
{
    struct transfer transfer = {.ask = ask, .easy = curl_lib.easy_init()};
    curl_must(transfer.easy != NULL);
    smtp_set_options(&transfer);
    if (ask->message)
        set_mail(&transfer);
    else
        curl_must(curl_lib.easy_setopt(transfer.easy, CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK);
    const struct smtp_reply reply = smtp_reply_of(&transfer, curl_lib.easy_perform(transfer.easy));
    done(ctx, &reply);
    smtp_stop_listening(transfer.easy);
    curl_lib.easy_cleanup(transfer.easy);
    curl_lib.slist_free_all(transfer.recipients);
}
