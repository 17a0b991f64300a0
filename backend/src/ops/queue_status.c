#include <stdio.h>
#include <string.h>

#include "ops/columns.h"
#include "ops/queue_actions.h"
#include "ops/words.h"
#include "service/queue_gauges.h"

static const char *known_types(struct arena *arena)
{
    const char *list = "{";
    for (int i = 0; job_type_names[i]; i++)
        list = arena_printf(arena, "%s%s%s", list, i ? "," : "", job_type_names[i]);
    return arena_printf(arena, "%s}", list);
}

static bool print_types(const struct database *d, struct err *err)
{
    static const char *const header[] = {"TYPE", "DUE", "RETRYING", "LATER", "RUNNING", "OLDEST", "FAILED 24H", "PAUSED"};
    enum { TYPE, DUE, RETRYING, LATER, RUNNING, OLDEST_S, FAILED, IS_PAUSED, PAUSED_MS };
    struct table table;
    if (!database_ask(d, SQL_QUEUE_STATUS, (const char *[]){known_types(d->arena)}, &table, err))
        return false;
    struct line *lines = arena_alloc(d->arena, ((size_t)table.rows + 1) * sizeof *lines);
    for (int row = 0; row < table.rows; row++) {
        struct line *line = &lines[row];
        bool is_paused = strcmp(table_cell(&table, row, IS_PAUSED), "t") == 0;
        for (int i = TYPE; i <= FAILED; i++)
            line->cells[i] = table_cell(&table, row, i);
        line->cells[OLDEST_S] = columns_seconds(d->arena, line->cells[OLDEST_S], "-");
        line->cells[IS_PAUSED] = is_paused ? columns_time_left(d->arena, table_cell(&table, row, PAUSED_MS), "until resumed") : "no";
        line->tone = is_paused ? TONE_NOTICE : TONE_PLAIN;
    }
    columns_print(COUNT(header), header, lines, table.rows);
    return true;
}

static bool print_errors(const struct database *d, struct err *err)
{
    static const char *const header[] = {"FAILED 24H", "RETRYING", "LAST", "TYPE", "ERROR"};
    enum { ERROR, TYPE, FAILED, RETRYING, LAST_S };
    struct table table;
    if (!database_ask(d, SQL_QUEUE_ERRORS, NULL, &table, err))
        return false;
    struct line *lines = arena_alloc(d->arena, ((size_t)table.rows + 1) * sizeof *lines);
    for (int row = 0; row < table.rows; row++)
        lines[row] = (struct line){{table_cell(&table, row, FAILED), table_cell(&table, row, RETRYING),
                                    arena_printf(d->arena, "%s ago", columns_seconds(d->arena, table_cell(&table, row, LAST_S), "")),
                                    table_cell(&table, row, TYPE), table_cell(&table, row, ERROR)}, TONE_PLAIN};
    puts("");
    if (table.rows)
        columns_print(COUNT(header), header, lines, table.rows);
    else
        puts("no job failed within 24 hours, and none waits for another attempt");
    return true;
}

int show_queue(const struct queue_request *r, struct err *err)
{
    return print_types(&r->database, err) && print_errors(&r->database, err) ? 0 : EXIT_UNASKED;
}
