/* A stranger's program on the installed stack: only public headers, only what the package names. */
#include <wb/status.h>
#include <wb/sys_linux.h>

#include <stdio.h>
#include <string.h>

int main(void) {
    const struct wb_sys *sys = wb_sys_linux();
    if (WB_SYS(sys, clock_gettime, WB_CLOCK_MONOTONIC) == 0) {
        return 1;
    }
    const char *name = wb_status_name(WB_ERR_CONN_RESET);
    puts(name);
    return strcmp(name, "WB_ERR_CONN_RESET") == 0 ? 0 : 1;
}
