# cmake -DPROGRAM=... -DBUG=... -DINPUTS=... -P PlantedFound.cmake
# The replay driver of a twin must die of this planted bug on one of the inputs.
set(ENV{WB_PLANTED} "${BUG}")
execute_process(COMMAND "${PROGRAM}" ${INPUTS} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
if(result STREQUAL "0" OR NOT err MATCHES "died while running")
    message(FATAL_ERROR "the planted bug ${BUG} was not found: ${result}\n${out}${err}")
endif()
