# Asks the compiler which public headers a layer can include, and fails if one of them belongs to a layer above it or
# beside it. Then proves that the question was a real one: a forbidden include does not compile, an own one does.
#   LAYER     the layer's target           VIEWS     its include path, as its users get it
#   HEADERS   "header=owner" of all        COMPILER  the C compiler         WORK_DIR  scratch

# From the ground up; layers on one line do not see each other. A layer that is missing here fails the check.
set(order
    "wb_seam"
    "wb_base"
    "wb_sys_linux,wb_reactor,wb_contract,wb_http_message"
    "wb_runtime,wb_http_h1"
    "wb_sync,wb_http_exchange"
    "wb_http_server,wb_http_client"
    "wb_examples,wb_contract_linux"
    "wbh_choice,wbh_reference"
    "wbh_kernel,wbh_fault"
    "wbh_scenario,wbh_fidelity"
    "wbh_oracle"
    "wbh_run"
    "wbh_report,wbh_search"
    "wbh_semantics"
    "wbh_cli")

function(find_rank layer out_rank)
    set(rank 0)
    foreach(line IN LISTS order)
        math(EXPR rank "${rank} + 1")
        if(",${line}," MATCHES ",${layer},")
            set(${out_rank} ${rank} PARENT_SCOPE)
            return()
        endif()
    endforeach()
    message(FATAL_ERROR "layer ${layer} has no place in the order of cmake/checks/arrows.cmake")
endfunction()

# Runs the compiler on `text`; sets `status`, `output` and `errors` in the caller.
macro(run_compiler text)
    file(WRITE "${WORK_DIR}/${LAYER}.c" "${text}")
    execute_process(COMMAND ${COMPILER} -std=c17 ${includes} ${ARGN} "${WORK_DIR}/${LAYER}.c"
        RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
endmacro()

set(includes "")
foreach(view IN LISTS VIEWS)
    list(APPEND includes "-I${view}")
endforeach()
find_rank(${LAYER} own_rank)

set(question "")
foreach(entry IN LISTS HEADERS)
    string(REGEX MATCH "^(.*)=(.*)$" ignored "${entry}")
    string(APPEND question "#if __has_include(\"${CMAKE_MATCH_1}\")\nVISIBLE ${CMAKE_MATCH_2} ${CMAKE_MATCH_1}\n#endif\n")
endforeach()
run_compiler("${question}" -E -P)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "the compiler could not be asked: ${errors}")
endif()

set(own "")
set(forbidden "")
string(REGEX MATCHALL "VISIBLE [^\n]+" answers "${output}")
foreach(answer IN LISTS answers)
    string(REGEX MATCH "^VISIBLE ([^ ]+) (.+)$" ignored "${answer}")
    set(owner ${CMAKE_MATCH_1})
    set(header ${CMAKE_MATCH_2})
    find_rank(${owner} rank)
    if(owner STREQUAL LAYER)
        set(own ${header})
    elseif(NOT rank LESS own_rank)
        message(SEND_ERROR "${LAYER} can include ${header} of ${owner}, which does not stand below it")
    endif()
endforeach()
foreach(entry IN LISTS HEADERS)
    string(REGEX MATCH "^(.*)=(.*)$" ignored "${entry}")
    find_rank(${CMAKE_MATCH_2} rank)
    if(rank GREATER own_rank)
        string(REGEX MATCH "^(.*)=" ignored "${entry}")
        set(forbidden ${CMAKE_MATCH_1})
    endif()
endforeach()

if(own)
    run_compiler("#include \"${own}\"\nextern int own;\n" -fsyntax-only)
    if(NOT status EQUAL 0)
        message(SEND_ERROR "${LAYER} cannot include its own ${own}: ${errors}")
    endif()
endif()
if(forbidden)
    run_compiler("#include \"${forbidden}\"\nextern int forbidden;\n" -fsyntax-only)
    if(status EQUAL 0 OR NOT errors MATCHES "No such file|file not found")
        message(SEND_ERROR "${LAYER} including ${forbidden} should not have compiled: ${errors}")
    endif()
    message(STATUS "${LAYER} including ${forbidden} does not compile, as it should be")
endif()
