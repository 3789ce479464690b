/* LD_PRELOAD shim: every sync takes SYNC_MICROSECONDS longer. Virtual disks often sync in no time, which no disk in a rack does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

typedef int (*sync_call)(int);

static int slowly(const char *name, int file) {
    sync_call real = (sync_call)dlsym(RTLD_NEXT, name);
    const char *extra = getenv("SYNC_MICROSECONDS");
    if (extra != NULL) usleep((useconds_t)atoi(extra));
    return real(file);
}

int fsync(int file) { return slowly("fsync", file); }
int fdatasync(int file) { return slowly("fdatasync", file); }
