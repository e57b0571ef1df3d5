# What a preset may switch: warnings as errors, sanitizers, coverage, the fuzzing engine.
#
# Everything compiled here links wb_options privately; nothing of it reaches what is installed.

option(WB_WERROR "Warnings are errors" OFF)
set(WB_SANITIZE "" CACHE STRING "Comma-separated sanitizers: address,undefined or thread; empty: none")
option(WB_COVERAGE "Instrument for source coverage (clang)" OFF)
set(WB_FUZZ_ENGINE "none" CACHE STRING "Who drives the fuzz targets: none (replay only), libfuzzer, afl")
set_property(CACHE WB_FUZZ_ENGINE PROPERTY STRINGS none libfuzzer afl)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()

# Assertions guard against programming errors and stay on in every build.
foreach(config RELEASE RELWITHDEBINFO MINSIZEREL)
    string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${config} "${CMAKE_C_FLAGS_${config}}")
endforeach()

add_library(wb_options INTERFACE)
# In C a function may bear the name of a struct; C++, in which the headers are checked too, calls that shadowing.
target_compile_options(wb_options INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wswitch-enum -Wvla
    # Whoever looks for an error walks the stack; who only wants speed does not.
    $<$<NOT:$<CONFIG:Release>>:-fno-omit-frame-pointer>
    $<$<COMPILE_LANGUAGE:C>:-Wshadow -Wstrict-prototypes -Wmissing-prototypes>
    # assert(!"why") is how code says that it cannot be reached; clang counts it as a conversion.
    $<$<COMPILE_LANG_AND_ID:C,Clang>:-Wno-string-conversion>)
if(WB_WERROR)
    target_compile_options(wb_options INTERFACE -Werror)
endif()
if(WB_SANITIZE)
    target_compile_options(wb_options INTERFACE -fsanitize=${WB_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(wb_options INTERFACE -fsanitize=${WB_SANITIZE})
endif()
if(WB_COVERAGE)
    if(NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
        message(FATAL_ERROR "WB_COVERAGE needs clang: it uses source-based coverage")
    endif()
    # Counters live in the profile file, so that a crash loses none of them.
    target_compile_options(wb_options INTERFACE
        -fprofile-instr-generate -fcoverage-mapping "SHELL:-mllvm -runtime-counter-relocation")
    target_link_options(wb_options INTERFACE -fprofile-instr-generate)
endif()

# The simulator is left out of what guides a fuzzer (but not out of the sanitizers): an input is interesting for what
# it makes the stack do, not for what it makes the simulation do.
set(wb_fuzz_lists "${PROJECT_SOURCE_DIR}/fuzz/instrumentation")
if(NOT WB_FUZZ_ENGINE STREQUAL "none")
    # A list is no dependency of an object file: its hash on the command line makes it one.
    set(wb_fuzz_list_hashes "")
    foreach(list libfuzzer-ignorelist.txt afl-denylist.txt)
        file(SHA256 "${wb_fuzz_lists}/${list}" hash)
        string(SUBSTRING "${hash}" 0 8 hash)
        string(APPEND wb_fuzz_list_hashes "${hash}")
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${wb_fuzz_lists}/${list}")
    endforeach()
    target_compile_definitions(wb_options INTERFACE "WB_INSTRUMENTATION=0x${wb_fuzz_list_hashes}")
endif()
if(WB_FUZZ_ENGINE STREQUAL "libfuzzer")
    if(NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
        message(FATAL_ERROR "WB_FUZZ_ENGINE=libfuzzer needs clang")
    endif()
    target_compile_options(wb_options INTERFACE
        -fsanitize=fuzzer-no-link "-fsanitize-coverage-ignorelist=${wb_fuzz_lists}/libfuzzer-ignorelist.txt")
elseif(WB_FUZZ_ENGINE STREQUAL "afl")
    if(NOT CMAKE_C_COMPILER MATCHES "afl-clang")
        message(FATAL_ERROR "WB_FUZZ_ENGINE=afl needs -DCMAKE_C_COMPILER=afl-clang-fast")
    endif()
    set(CMAKE_C_COMPILER_LAUNCHER
        "${CMAKE_COMMAND}" -E env AFL_QUIET=1 "AFL_LLVM_DENYLIST=${wb_fuzz_lists}/afl-denylist.txt")
elseif(NOT WB_FUZZ_ENGINE STREQUAL "none")
    message(FATAL_ERROR "WB_FUZZ_ENGINE is '${WB_FUZZ_ENGINE}'; expected none, libfuzzer or afl")
endif()
