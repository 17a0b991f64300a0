/* doctor's check of the mail server. */
#include "config/mail.h"
#include "config/smtp_url.h"
#include "ops/doctor/checkup.h"
#include "sys/curl/smtp.h"

static void judge_server(void *ctx, const struct smtp_reply *reply)
{
    struct checkup *checkup = ctx;
    if (reply->outcome == SMTP_SENT)
        found(checkup, VERDICT_OK, NULL, "the mail server answers%s; no mail was sent",
              config_smtp_needs_tls(checkup->config) ? ", encrypted" : "");
    else if (reply->is_login_refused)
        found(checkup, VERDICT_PROBLEM, "correct user and password in SMTP_URL, or in its file",
              "the mail server refuses the login");
    else if (reply->is_tls_fault)
        found(checkup, VERDICT_PROBLEM,
              "give the server a certificate for its name that this machine trusts (SMTP_CA_BUNDLE names other "
              "authorities), or correct the name in SMTP_URL",
              "no encrypted connection to the mail server: %s", reply->problem);
    else
        found(checkup, VERDICT_PROBLEM, "correct SMTP_URL, or the way there; mails wait as jobs meanwhile",
              "the mail server can't be used: %s", reply->problem);
}

static void look_at_server(struct checkup *checkup)
{
    enum { PATIENCE_MS = 2500 };
    struct err why;
    const struct smtp_ask look = {.ca_bundle = checkup->config->smtp_ca_bundle,
                                  .url = checkup->config->smtp_url,
                                  .needs_tls = config_smtp_needs_tls(checkup->config),
                                  .timeout_ms = PATIENCE_MS};
    if (smtp_start(&why))
        smtp_send(&look, judge_server, checkup);
    else
        found(checkup, VERDICT_PROBLEM, "install libcurl", "%s", why.text);
}

void check_mail(struct checkup *checkup)
{
    const struct config *config = checkup->config;
    if (config_is_set("SMTP_URL") && (!*config->smtp_url || smtp_url_problem(config->smtp_url))) {
        found(checkup, VERDICT_UNKNOWN, NULL, "not looked at, as SMTP_URL can't be read");
    } else if (*config->smtp_url) {
        look_at_server(checkup);
    } else if (config->app_env == ENV_PROD) {
        found(checkup, VERDICT_WARNING, "set SMTP_URL and MAIL_FROM",
              "SMTP_URL isn't set: nobody can verify an address or set a forgotten password");
    } else {
        found(checkup, VERDICT_OK, NULL, "SMTP_URL isn't set: the links of mails are in the worker's log");
    }
}
