# Makes seeds of all scenarios: cmake -DCOMMAND=wouldblock -DFORM=text|encoded|both -DSCENARIOS=folder -DOUT=folder -P
# A scenario scenarios/echo/one_line.scn becomes echo-one_line (encoded) and echo-one_line.scn (its text).

file(REMOVE_RECURSE "${OUT}")
file(MAKE_DIRECTORY "${OUT}")
file(GLOB_RECURSE scenarios RELATIVE "${SCENARIOS}" "${SCENARIOS}/*.scn")
foreach(scenario IN LISTS scenarios)
    string(REPLACE "/" "-" name "${scenario}")
    if(NOT FORM STREQUAL "encoded")
        configure_file("${SCENARIOS}/${scenario}" "${OUT}/${name}" COPYONLY)
    endif()
    if(NOT FORM STREQUAL "text")
        string(REGEX REPLACE "\\.scn$" "" stem "${name}")
        execute_process(COMMAND "${COMMAND}" encode "${SCENARIOS}/${scenario}" -o "${OUT}/${stem}"
            RESULT_VARIABLE status ERROR_VARIABLE message)
        if(NOT status EQUAL 0)
            message(FATAL_ERROR "${scenario}: wouldblock encode fails (${status}): ${message}")
        endif()
    endif()
endforeach()
