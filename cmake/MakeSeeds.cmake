# Makes seeds of all scenarios: cmake -DCOMMAND=wouldblock -DSCENARIOS=folder -DOUT=folder -P MakeSeeds.cmake
# A scenario scenarios/echo/one_line.scn becomes text/echo-one_line.scn and, as fuzz input, encoded/echo-one_line.

file(REMOVE_RECURSE "${OUT}/text" "${OUT}/encoded")
file(MAKE_DIRECTORY "${OUT}/text" "${OUT}/encoded")
file(GLOB_RECURSE scenarios RELATIVE "${SCENARIOS}" "${SCENARIOS}/*.scn")
foreach(scenario IN LISTS scenarios)
    string(REPLACE "/" "-" name "${scenario}")
    configure_file("${SCENARIOS}/${scenario}" "${OUT}/text/${name}" COPYONLY)
    string(REGEX REPLACE "\\.scn$" "" stem "${name}")
    execute_process(COMMAND "${COMMAND}" encode "${SCENARIOS}/${scenario}" -o "${OUT}/encoded/${stem}"
        RESULT_VARIABLE status ERROR_VARIABLE message)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "${scenario}: wouldblock encode fails (${status}): ${message}")
    endif()
endforeach()
