/* An example as a process of its own, on the real system. Compiled once for each program, whose
 * start function WB_EXAMPLE_MAIN names. */
#include "wb/sys_linux.h"

#include "examples/programs.h"

int main(int argc, char *argv[]) {
    return WB_EXAMPLE_MAIN(wb_sys_linux(), argc, argv);
}
