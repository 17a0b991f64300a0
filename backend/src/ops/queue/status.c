#include <stdio.h>
#include <string.h>

#include "config/job_types.h"
#include "ops/queue/actions.h"
#include "ops/shared/exit_codes.h"
#include "ops/shared/screen.h"
#include "ops/shared/times.h"
#include "sys/db/db.h"

static const char *known_types(struct arena *arena)
{
    const char *names[JOB_TYPES];
    for (int i = 0; i < JOB_TYPES; i++)
        names[i] = job_types[i].name;
    return db_array(arena, names, JOB_TYPES);
}

static bool print_types(const struct database *d, struct err *err)
{
    static const char *const header[] = {"TYPE",    "DUE",    "RETRYING",   "LATER",
                                         "RUNNING", "OLDEST", "FAILED 24H", "PAUSED"};
    enum { TYPE, DUE, RETRYING, LATER, RUNNING, OLDEST_S, FAILED, IS_PAUSED, PAUSED_MS };
    struct table table;
    if (!database_ask(d, SQL_QUEUE_STATUS, (const char *[]){known_types(d->arena)}, &table, err))
        return false;
    struct grid *grid = grid_new(d->arena, COUNT(header));
    grid_row(grid, TONE_STRONG, header);
    for (int row = 0; row < table.rows; row++) {
        const char *cells[COUNT(header)];
        bool is_paused = strcmp(table_cell(&table, row, IS_PAUSED), "t") == 0;
        for (int i = TYPE; i <= FAILED; i++)
            cells[i] = table_cell(&table, row, i);
        cells[OLDEST_S] = times_seconds(d->arena, cells[OLDEST_S], "-");
        cells[IS_PAUSED] = is_paused ? times_left(d->arena, table_cell(&table, row, PAUSED_MS), "until resumed") : "no";
        grid_row(grid, is_paused ? TONE_WARNING : TONE_PLAIN, cells);
    }
    grid_print(grid, 0);
    return true;
}

static bool print_errors(const struct database *d, struct err *err)
{
    static const char *const header[] = {"FAILED 24H", "RETRYING", "LAST", "TYPE", "ERROR"};
    enum { ERROR, TYPE, FAILED, RETRYING, LAST_S };
    struct table table;
    if (!database_ask(d, SQL_QUEUE_ERRORS, NULL, &table, err))
        return false;
    puts("");
    if (!table.rows) {
        puts("no job failed within 24 hours, and none waits for another attempt");
        return true;
    }
    struct grid *grid = grid_new(d->arena, COUNT(header));
    grid_row(grid, TONE_STRONG, header);
    for (int row = 0; row < table.rows; row++)
        grid_row(grid, TONE_PLAIN,
                 (const char *[]){
                     table_cell(&table, row, FAILED), table_cell(&table, row, RETRYING),
                     arena_printf(d->arena, "%s ago", times_seconds(d->arena, table_cell(&table, row, LAST_S), "")),
                     table_cell(&table, row, TYPE), table_cell(&table, row, ERROR)});
    grid_print(grid, 0);
    return true;
}

int show_queue(void *request, struct err *err)
{
    const struct queue_request *r = request;
    return print_types(&r->database, err) && print_errors(&r->database, err) ? EXIT_FINE : EXIT_COULD_NOT_LOOK;
}
