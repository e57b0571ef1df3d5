# wb_fuzz_target(fuzz_base_slab SOURCES fuzz_base_slab.c DEPENDS wb_base)
#
# One source of LLVMFuzzerTestOneInput, a program for each engine:
#   none       bin/replay_<name>: runs the files it is given, without any engine; the corpus is replayed as a test
#   libfuzzer  bin/<name>
#   afl        bin/<name>, persistent mode with shared-memory test cases
#
# MUTATOR_SOURCES   LLVMFuzzerCustomMutator and friends; part of the libFuzzer program only
# CANARY            the target is meant to crash: no corpus, no replay test
#
# corpus/<name>/ holds its seeds, fuzz/dictionaries/<name>.dict its dictionary, where there is one. The list of all
# targets is written to fuzz-targets.txt in the build folder, a line each: name, and "canary" where it is one.

set_property(GLOBAL PROPERTY WB_FUZZ_TARGETS "")
set_property(GLOBAL PROPERTY WB_FUZZ_LIST "")

function(wb_fuzz_target name)
    cmake_parse_arguments(F "CANARY" "" "SOURCES;DEPENDS;MUTATOR_SOURCES" ${ARGN})
    if(F_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "wb_fuzz_target(${name}): unexpected ${F_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT name MATCHES "^fuzz_[a-z0-9_]+$")
        message(FATAL_ERROR "wb_fuzz_target(${name}): names begin with fuzz_")
    endif()
    if(WB_FUZZ_ENGINE STREQUAL "none")
        wb_fuzz_replay(${name})
    else()
        set(program ${name})
        add_executable(${program} ${F_SOURCES})
        target_link_options(${program} PRIVATE -fsanitize=fuzzer)
        if(WB_FUZZ_ENGINE STREQUAL "libfuzzer")
            target_sources(${program} PRIVATE ${F_MUTATOR_SOURCES})
        endif()
        target_include_directories(${program} PRIVATE "${PROJECT_SOURCE_DIR}/fuzz")
        target_link_libraries(${program} PRIVATE wb_options ${F_DEPENDS})
    endif()
    set_property(GLOBAL APPEND PROPERTY WB_FUZZ_TARGETS ${name})
    if(F_CANARY)
        set_property(GLOBAL APPEND_STRING PROPERTY WB_FUZZ_LIST "${name} canary\n")
    else()
        set_property(GLOBAL APPEND_STRING PROPERTY WB_FUZZ_LIST "${name}\n")
    endif()
endfunction()

# The caller's F_ variables are seen here.
function(wb_fuzz_replay name)
    if(NOT TARGET wb_fuzz_driver)
        add_library(wb_fuzz_driver OBJECT "${PROJECT_SOURCE_DIR}/fuzz/driver/replay.c")
        target_include_directories(wb_fuzz_driver PRIVATE "${PROJECT_SOURCE_DIR}/fuzz")
        target_link_libraries(wb_fuzz_driver PRIVATE wb_options)
    endif()
    set(program replay_${name})
    add_executable(${program} ${F_SOURCES} $<TARGET_OBJECTS:wb_fuzz_driver>)
    target_include_directories(${program} PRIVATE "${PROJECT_SOURCE_DIR}/fuzz")
    target_link_libraries(${program} PRIVATE wb_options ${F_DEPENDS})
    if(BUILD_TESTING AND NOT F_CANARY)
        add_test(NAME corpus_${name}
            COMMAND ${program} --smoke --if-present "${PROJECT_SOURCE_DIR}/corpus/${name}")
        set_tests_properties(corpus_${name} PROPERTIES TIMEOUT 300 LABELS "corpus")
    endif()
endfunction()

# Called once, after the last target.
function(wb_fuzz_write_list)
    get_property(list GLOBAL PROPERTY WB_FUZZ_LIST)
    file(WRITE "${PROJECT_BINARY_DIR}/fuzz-targets.txt" "${list}")
endfunction()
