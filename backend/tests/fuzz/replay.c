/* replay FOLDER: runs the fuzz target that it is linked with on every file of the folder, and on
 * the empty input. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static void replay(const char *folder, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(1);
    }
    size_t size = (size_t)ftell(file);
    /* of the exact size, so that a sanitizer sees a byte too far */
    uint8_t *data = must_alloc(size);
    rewind(file);
    if (fread(data, 1, size, file) != size) {
        perror(path);
        exit(1);
    }
    fclose(file);
    fprintf(stderr, "%s\n", path); /* the last one named is the one that failed */
    LLVMFuzzerTestOneInput(data, size);
    free(data);
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    int files = 0;
    if (!folder) {
        perror("replay FOLDER");
        return 1;
    }
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (const struct dirent *entry; (entry = readdir(folder));)
        if (entry->d_name[0] != '.') {
            replay(argv[1], entry->d_name);
            files++;
        }
    closedir(folder);
    arena_drain_spares();
    return files ? 0 : 1; /* a test of nothing has failed */
}
