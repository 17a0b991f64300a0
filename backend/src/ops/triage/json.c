#include <stdio.h>

#include "base/buf.h"
#include "config/setting.h"
#include "ops/triage/report.h"

static const char *const status_names[] = {[CHECK_OK] = "ok", [CHECK_FINDING] = "finding", [CHECK_UNKNOWN] = "unknown"};

static void json_add_text(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, ",\"%s\":", name);
    buf_json(out, text);
}

static void add_check(struct buf *out, const struct runbook_check *check, const struct verdict *verdict)
{
    buf_str(out, "{\"id\":");
    buf_json(out, check->id);
    buf_printf(out, ",\"mode\":%d", runbook_modes[check->mode].id);
    json_add_text(out, "status", status_names[verdict->status]);
    json_add_text(out, "evidence", verdict->evidence);
    buf_str(out, "}");
}

static void add_finding(const struct look *look, struct buf *out, const struct runbook_check *check,
                        const struct verdict *verdict)
{
    const char *separator = "";
    buf_printf(out, "{\"mode\":%d", runbook_modes[check->mode].id);
    json_add_text(out, "id", check->id);
    json_add_text(out, "title", check->finding);
    json_add_text(out, "evidence", verdict->evidence);
    buf_printf(out, ",\"is_warning\":%s", verdict->weight == WEIGHT_WARNING ? "true" : "false");
    buf_str(out, ",\"commands\":[");
    for (const char *const *command = triage_commands(look, check, verdict); *command; command++) {
        buf_str(out, separator);
        buf_json(out, *command);
        separator = ",";
    }
    buf_str(out, "]}");
}

void triage_print_json(const struct look *look, const struct verdict verdicts[static RUNBOOK_CHECKS])
{
    struct buf out = buf_new(look->arena);
    char since[SETTING_SIZE];
    duration_write(since, sizeof since, look->options->since_ms);
    buf_printf(&out, "{\"since\":\"%s\",\"checks\":[", since);
    for (int i = 0; i < RUNBOOK_CHECKS; i++) {
        buf_str(&out, i ? "," : "");
        add_check(&out, &runbook_checks[i], &verdicts[i]);
    }
    buf_str(&out, "],\"findings\":[");
    int order[RUNBOOK_CHECKS], findings = triage_findings(verdicts, order);
    for (int i = 0; i < findings; i++) {
        buf_str(&out, i ? "," : "");
        add_finding(look, &out, &runbook_checks[order[i]], &verdicts[order[i]]);
    }
    buf_str(&out, "]}");
    puts(out.text);
}
