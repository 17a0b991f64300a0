#include "worker/marks.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/base.h"

static bool is_known(int64_t priority)
{
    return priority >= 0 && priority < JOB_PRIORITIES;
}

void marks_raise(struct marks *marks, const struct marks *sent, int64_t priority, int64_t claimed_due_us)
{
    if (is_known(priority) && marks->low_water[priority] >= sent->low_water[priority])
        marks->low_water[priority] = MAX(marks->low_water[priority], claimed_due_us - LATE_COMMIT_US);
}

void marks_lower(struct marks *marks, int64_t priority, int64_t waiting_due_us)
{
    if (is_known(priority))
        marks->low_water[priority] = MAX(MIN(marks->low_water[priority], waiting_due_us), 0);
}

void marks_text(const struct marks *marks, char text[static MARKS_TEXT_SIZE])
{
    size_t len = 0;
    for (int p = 0; p < JOB_PRIORITIES; p++)
        len += (size_t)snprintf(text + len, MARKS_TEXT_SIZE - len, "%c%" PRId64, p ? ',' : '{', marks->low_water[p]);
    snprintf(text + len, MARKS_TEXT_SIZE - len, "}");
}
