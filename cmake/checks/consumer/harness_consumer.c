/* A stranger's test on the installed harness: only public headers, only what the package names. */
#include <wouldblock/choice.h>

#include <stdio.h>
#include <string.h>

int main(void) {
    const char *name = wbh_point_name(WBH_POINT_RECV);
    puts(name);
    return strcmp(name, "recv") == 0 ? 0 : 1;
}
