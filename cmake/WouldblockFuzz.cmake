# wb_fuzz_target(fuzz_base_slab SUMMARY "the slab does what a plain model does" SOURCES fuzz_base_slab.c DEPENDS wb_base)
#
# One source of LLVMFuzzerTestOneInput, a program for each engine:
#   none       bin/replay_<name>: runs the files it is given, without any engine; the corpus is replayed as a test
#   libfuzzer  bin/<name>
#   afl        bin/<name>, persistent mode with shared-memory test cases
#
# SUMMARY           what it holds the code to, in a few words without a semicolon: for `wouldblock list`
# MUTATOR_SOURCES   mutations that know the format, the interface of fuzz/mutator/records.h; part of the libFuzzer
#                   program, and for AFL++ a library, lib/<name>_mutator.so; MUTATOR_DEPENDS: what they link
# CANARY            the target is meant to crash: no corpus but its SEEDS, no replay test. With PLANTED_WRAPS one of its own SOURCES
#                   wraps that function
# SEEDS             made from the scenarios. text: as they are; encoded: as fuzz inputs
# PLANTED           a source with a bug, and PLANTED_WRAPS the functions that it wraps: makes <name>_planted, the same
#                   program with that bug, which a campaign must find within seconds; PLANTED_DEPENDS: what it links
#                   besides, as a twin of a layer; PLANTED_BUGS: names that WB_PLANTED chooses from, for each of which
#                   there is a test that the corpus finds it
#
# corpus/<name>/ holds its seeds, seeds/<name>/ in the build folder those that are made from scenarios/ (engine none),
# fuzz/dictionaries/<name>.dict its dictionary, where there is one. The list of all targets is written to
# fuzz-targets.txt in the build folder, a line each: name, and "canary" or "planted" where it is one. The command
# has it from generated/fuzz_targets.h there.

# Target wb_fuzz_programs builds all of them and nothing else, for an engine.

if(NOT WB_FUZZ_ENGINE STREQUAL "none")
    add_custom_target(wb_fuzz_programs)
endif()

set_property(GLOBAL PROPERTY WB_FUZZ_LIST "")
set_property(GLOBAL PROPERTY WB_FUZZ_TABLE "")

# A line of the lists: KIND is "", "canary" or "planted".
function(wb_fuzz_list name kind summary)
    string(STRIP "${name} ${kind}" line)
    set_property(GLOBAL APPEND_STRING PROPERTY WB_FUZZ_LIST "${line}\n")
    set_property(GLOBAL APPEND_STRING PROPERTY WB_FUZZ_TABLE " \\\n    X(\"${name}\", \"${kind}\", \"${summary}\")")
endfunction()

function(wb_fuzz_target name)
    cmake_parse_arguments(F "CANARY" "SUMMARY;PLANTED"
        "SOURCES;DEPENDS;SEEDS;MUTATOR_SOURCES;MUTATOR_DEPENDS;PLANTED_WRAPS;PLANTED_DEPENDS;PLANTED_BUGS" ${ARGN})
    if(F_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "wb_fuzz_target(${name}): unexpected ${F_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT name MATCHES "^fuzz_[a-z0-9_]+$")
        message(FATAL_ERROR "wb_fuzz_target(${name}): names begin with fuzz_")
    endif()
    if(NOT F_SUMMARY)
        message(FATAL_ERROR "wb_fuzz_target(${name}): SUMMARY is required")
    endif()
    wb_fuzz_parts(${name})
    list(PREPEND F_DEPENDS ${name}_parts)
    wb_fuzz_program(${name} program)
    if(F_MUTATOR_SOURCES AND WB_FUZZ_ENGINE STREQUAL "afl")
        add_library(${name}_mutator MODULE ${F_MUTATOR_SOURCES} mutator/afl.c)
        set_target_properties(${name}_mutator PROPERTIES PREFIX "")
        add_dependencies(wb_fuzz_programs ${name}_mutator)
        target_include_directories(${name}_mutator PRIVATE "${PROJECT_SOURCE_DIR}/fuzz")
        target_link_libraries(${name}_mutator PRIVATE wb_options ${F_MUTATOR_DEPENDS})
    endif()
    if(F_CANARY)
        wb_fuzz_wrap(${program})
        wb_fuzz_list(${name} "canary" "${F_SUMMARY}")
        if(F_SEEDS)
            wb_fuzz_corpus(${name} ${program})
        endif()
    else()
        wb_fuzz_list(${name} "" "${F_SUMMARY}")
        wb_fuzz_corpus(${name} ${program})
    endif()
    if(F_PLANTED)
        list(PREPEND F_DEPENDS ${F_PLANTED_DEPENDS})
        wb_fuzz_program(${name}_planted program)
        target_sources(${program} PRIVATE "${F_PLANTED}")
        wb_fuzz_wrap(${program})
        foreach(bug IN LISTS F_PLANTED_BUGS)
            if(BUILD_TESTING AND WB_FUZZ_ENGINE STREQUAL "none")
                add_test(NAME corpus_${name}_planted_${bug} COMMAND "${CMAKE_COMMAND}" "-DPROGRAM=$<TARGET_FILE:${program}>"
                    "-DBUG=${bug}" "-DINPUTS=${PROJECT_SOURCE_DIR}/corpus/${name}"
                    -P "${PROJECT_SOURCE_DIR}/cmake/PlantedFound.cmake")
                set_tests_properties(corpus_${name}_planted_${bug} PROPERTIES TIMEOUT 60 LABELS "corpus")
            endif()
        endforeach()
        wb_fuzz_list(${name}_planted "planted" "${name} with a bug")
    endif()
endfunction()

# The caller's F_ variables are seen in all that follows.
function(wb_fuzz_wrap program)
    foreach(wrapped IN LISTS F_PLANTED_WRAPS)
        target_link_options(${program} PRIVATE "-Wl,--wrap=${wrapped}")
    endforeach()
endfunction()

# wb_fuzz_shared(fuzz_ways SOURCES a.c b.c DEPENDS wb_http_h1): what several targets are made of, compiled once. Each that
# needs it names it in DEPENDS itself.
function(wb_fuzz_shared name)
    cmake_parse_arguments(S "" "" "SOURCES;DEPENDS" ${ARGN})
    add_library(${name} OBJECT EXCLUDE_FROM_ALL ${S_SOURCES})
    target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}/fuzz")
    target_link_libraries(${name} PRIVATE wb_options ${S_DEPENDS})
endfunction()

# <name>_parts: what a target and its twin are both made of.
function(wb_fuzz_parts name)
    set(sources ${F_SOURCES})
    if(F_MUTATOR_SOURCES AND WB_FUZZ_ENGINE STREQUAL "libfuzzer")
        list(APPEND sources ${F_MUTATOR_SOURCES} mutator/libfuzzer.c)
    endif()
    wb_fuzz_shared(${name}_parts SOURCES ${sources} DEPENDS ${F_DEPENDS} ${F_MUTATOR_DEPENDS})
endfunction()

function(wb_fuzz_program name out_program)
    if(WB_FUZZ_ENGINE STREQUAL "none")
        if(NOT TARGET wb_fuzz_driver)
            add_library(wb_fuzz_driver OBJECT "${PROJECT_SOURCE_DIR}/fuzz/driver/replay.c")
            target_include_directories(wb_fuzz_driver PRIVATE "${PROJECT_SOURCE_DIR}/fuzz")
            target_link_libraries(wb_fuzz_driver PRIVATE wb_options)
        endif()
        set(program replay_${name})
        add_executable(${program} $<TARGET_OBJECTS:wb_fuzz_driver>)
    else()
        set(program ${name})
        add_executable(${program})
        set_target_properties(${program} PROPERTIES LINKER_LANGUAGE C)
        add_dependencies(wb_fuzz_programs ${program})
        target_link_options(${program} PRIVATE -fsanitize=fuzzer)
    endif()
    target_link_libraries(${program} PRIVATE wb_options ${F_DEPENDS})
    if(WB_FUZZ_ENGINE STREQUAL "libfuzzer")
        target_link_libraries(${program} PRIVATE ${F_MUTATOR_DEPENDS})
    endif()
    set(${out_program} ${program} PARENT_SCOPE)
endfunction()

# Target wb_seeds: all scenarios as text and as fuzz inputs, made once for all targets, in seeds/text/ and seeds/encoded/.
function(wb_fuzz_make_seeds)
    set(seeds "${PROJECT_BINARY_DIR}/seeds")
    file(GLOB_RECURSE scenarios CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/scenarios/*.scn")
    add_custom_command(OUTPUT "${seeds}/all.stamp"
        COMMAND "${CMAKE_COMMAND}" "-DCOMMAND=$<TARGET_FILE:wouldblock>" "-DSCENARIOS=${PROJECT_SOURCE_DIR}/scenarios"
            "-DOUT=${seeds}" -P "${PROJECT_SOURCE_DIR}/cmake/MakeSeeds.cmake"
        COMMAND "${CMAKE_COMMAND}" -E touch "${seeds}/all.stamp"
        DEPENDS wouldblock "${PROJECT_SOURCE_DIR}/cmake/MakeSeeds.cmake" ${scenarios}
        COMMENT "Seeds of all scenarios" VERBATIM)
    add_custom_target(wb_seeds DEPENDS "${seeds}/all.stamp")
endfunction()

# Seeds from scenarios/, and the test that replays them and the corpus.
function(wb_fuzz_corpus name program)
    if(NOT WB_FUZZ_ENGINE STREQUAL "none")
        return()
    endif()
    set(folders "${PROJECT_SOURCE_DIR}/corpus/${name}")
    if(F_SEEDS)
        if(NOT TARGET wb_seeds)
            wb_fuzz_make_seeds()
        endif()
        set(seeds "${PROJECT_BINARY_DIR}/seeds/${name}")
        list(TRANSFORM F_SEEDS PREPEND "${PROJECT_BINARY_DIR}/seeds/" OUTPUT_VARIABLE forms)
        list(APPEND folders "${seeds}")
        add_custom_command(OUTPUT "${seeds}.stamp"
            COMMAND "${CMAKE_COMMAND}" -E rm -rf "${seeds}"
            COMMAND "${CMAKE_COMMAND}" -E copy_directory ${forms} "${seeds}"
            COMMAND "${CMAKE_COMMAND}" -E touch "${seeds}.stamp"
            DEPENDS wb_seeds "${PROJECT_BINARY_DIR}/seeds/all.stamp"
            COMMENT "Seeds of ${name}" VERBATIM)
        add_custom_target(seeds_${name} ALL DEPENDS "${seeds}.stamp")
    endif()
    if(BUILD_TESTING AND NOT F_CANARY)
        add_test(NAME corpus_${name} COMMAND ${program} --smoke --if-present ${folders})
        set_tests_properties(corpus_${name} PROPERTIES TIMEOUT 300 LABELS "corpus")
    endif()
endfunction()

# Called once, after the last target.
function(wb_fuzz_write_list)
    get_property(list GLOBAL PROPERTY WB_FUZZ_LIST)
    file(WRITE "${PROJECT_BINARY_DIR}/fuzz-targets.txt" "${list}")
    get_property(table GLOBAL PROPERTY WB_FUZZ_TABLE)
    # Written only if it differs, so that a fresh configuration compiles nothing again.
    file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/fuzz_targets.h" @ONLY CONTENT
        "/* Made by cmake/WouldblockFuzz.cmake. */\n#define WBH_FUZZ_TARGET_TABLE(X)@table@\n")
endfunction()
