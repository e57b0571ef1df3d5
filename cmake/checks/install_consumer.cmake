# Installs a finished build into a fresh folder and builds a stranger's programs against it: once by find_package, once
# by pkg-config. Every public header is there, nothing else is, and none includes what is not.
#   BUILD_DIR  the finished build       CONSUMER_DIR  the stranger's sources      COMPILER, GENERATOR
#   LIBDIR     lib or lib64             HARNESS       1: the harness is installed too
#   HEADERS    all public headers       CXX_COMPILER  may be empty

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

# That each header compiles alone, every build has checked with what its layer sees; here, what is installed must do.
file(GLOB_RECURSE installed RELATIVE "${prefix}/include" "${prefix}/include/*")
list(SORT installed)
list(SORT HEADERS)
if(NOT installed STREQUAL HEADERS)
    message(FATAL_ERROR "installed are\n${installed}\nbut public are\n${HEADERS}")
endif()
list(TRANSFORM installed REPLACE "(.+)" "#include <\\1>" OUTPUT_VARIABLE includes)
list(JOIN includes "\n" includes)
foreach(language c cpp)
    set(compiler "${COMPILER}" -std=c11)
    if(language STREQUAL "cpp")
        set(compiler "${CXX_COMPILER}" -std=c++17)
    endif()
    file(WRITE "${work}/headers.${language}" "${includes}\n")
    if(COMPILER AND language STREQUAL "c" OR CXX_COMPILER AND language STREQUAL "cpp")
        must("compiling the headers as ${language}"
            ${compiler} -Wall -Wextra -Werror -fsyntax-only "-I${prefix}/include" "${work}/headers.${language}")
    endif()
endforeach()

must("configuring the consumer" "${CMAKE_COMMAND}" -S "${CONSUMER_DIR}" -B "${work}/cmake" -G "${GENERATOR}"
    "-DCMAKE_C_COMPILER=${COMPILER}" "-DCMAKE_PREFIX_PATH=${prefix}" "-DWITH_HARNESS=${HARNESS}")
must("building the consumer" "${CMAKE_COMMAND}" --build "${work}/cmake")
foreach(program consumer http_consumer)
    must("running ${program}" "${work}/cmake/${program}")
    message(STATUS "find_package: ${output}")
endforeach()

set(ENV{PKG_CONFIG_PATH} "${prefix}/${LIBDIR}/pkgconfig")
set(programs consumer=wouldblock http_consumer=wouldblock)
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
