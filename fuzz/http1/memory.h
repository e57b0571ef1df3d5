/* Memory for code under test that needs no more of a system. */
#ifndef FUZZ_HTTP1_MEMORY_H
#define FUZZ_HTTP1_MEMORY_H

#include "wb/sys.h"

const struct wb_sys *memory_alone(void);

#endif
