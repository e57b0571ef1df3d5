/* assert_aborts(statement): the statement ends in abort(), as a failed assertion does. The test
 * goes on behind it; what the statement had done until then is not undone.
 *
 * Thread: the main thread of the test. */
#ifndef BASE_TESTS_TEST_ABORT_H
#define BASE_TESTS_TEST_ABORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

extern sigjmp_buf test_abort_jump;

/* From arm to disarm an abort jumps to test_abort_jump, and what assert prints is hidden. */
void test_abort_arm(void);
void test_abort_disarm(void);

#define assert_aborts(statement)                                                                   \
    do {                                                                                           \
        test_abort_arm();                                                                          \
        if (sigsetjmp(test_abort_jump, 1) == 0) {                                                  \
            statement;                                                                             \
            test_abort_disarm();                                                                   \
            fail_msg("%s", "did not abort: " #statement);                                          \
        }                                                                                          \
        test_abort_disarm();                                                                       \
    } while (0)

#endif
