# What a preset may switch: warnings as errors, sanitizers, coverage, the fuzzing engine.

option(WB_WERROR "Warnings are errors" OFF)
set(WB_SANITIZE "" CACHE STRING "Comma-separated sanitizers: address,undefined or thread")
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
target_compile_options(wb_options INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wswitch-enum -Wvla -fno-omit-frame-pointer)
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
        -fprofile-instr-generate -fcoverage-mapping -mllvm -runtime-counter-relocation)
    target_link_options(wb_options INTERFACE -fprofile-instr-generate)
endif()
if(WB_FUZZ_ENGINE STREQUAL "libfuzzer")
    target_link_options(wb_options INTERFACE)
elseif(NOT WB_FUZZ_ENGINE MATCHES "^(none|afl)$")
    message(FATAL_ERROR "WB_FUZZ_ENGINE is '${WB_FUZZ_ENGINE}'; expected none, libfuzzer or afl")
endif()
