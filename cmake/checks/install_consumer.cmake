# Installs a finished build into a fresh folder and builds a stranger's programs against it: once by find_package, once
# by pkg-config.
#   BUILD_DIR  the finished build       CONSUMER_DIR  the stranger's sources      COMPILER, GENERATOR
#   LIBDIR     lib or lib64             HARNESS       1: the harness is installed too

set(work "${BUILD_DIR}/install_check")
set(prefix "${work}/prefix")
file(REMOVE_RECURSE "${work}")
file(MAKE_DIRECTORY "${work}")

function(must what)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "${what} failed (${status}):\n${output}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

must("installing" "${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${prefix}")
# A copy, since what is installed must not know where it was installed to.
file(RENAME "${prefix}" "${work}/moved")
set(prefix "${work}/moved")

must("configuring the consumer" "${CMAKE_COMMAND}" -S "${CONSUMER_DIR}" -B "${work}/cmake" -G "${GENERATOR}"
    "-DCMAKE_C_COMPILER=${COMPILER}" "-DCMAKE_PREFIX_PATH=${prefix}" "-DWITH_HARNESS=${HARNESS}")
must("building the consumer" "${CMAKE_COMMAND}" --build "${work}/cmake")
must("running the consumer" "${work}/cmake/consumer")
message(STATUS "find_package: ${output}")

set(ENV{PKG_CONFIG_PATH} "${prefix}/${LIBDIR}/pkgconfig")
set(programs consumer=wouldblock)
if(HARNESS)
    list(APPEND programs harness_consumer=wouldblock-harness)
    must("running the harness's consumer" "${work}/cmake/harness_consumer")
    message(STATUS "find_package: ${output}")
endif()
foreach(pair IN LISTS programs)
    string(REGEX MATCH "^(.*)=(.*)$" ignored "${pair}")
    set(program ${CMAKE_MATCH_1})
    must("pkg-config ${CMAKE_MATCH_2}" pkg-config --cflags --libs --static ${CMAKE_MATCH_2})
    separate_arguments(flags UNIX_COMMAND "${output}")
    must("building ${program} with pkg-config"
        "${COMPILER}" -std=c17 -Wall -Werror "${CONSUMER_DIR}/${program}.c" -o "${work}/${program}" ${flags})
    must("running ${program}" "${work}/${program}")
    message(STATUS "pkg-config: ${output}")
endforeach()
