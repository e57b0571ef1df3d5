# Replays the canary's bugs and fails unless each is reported.
#   REPLAY  the replay driver      ALARMS  "letter=text that must be printed"      WORK_DIR  scratch

file(MAKE_DIRECTORY "${WORK_DIR}")
file(WRITE "${WORK_DIR}/harmless" "wb!-")
execute_process(COMMAND "${REPLAY}" "${WORK_DIR}/harmless" RESULT_VARIABLE status OUTPUT_QUIET)
if(NOT status EQUAL 0)
    message(FATAL_ERROR "a harmless input ended with ${status}")
endif()
foreach(alarm IN LISTS ALARMS)
    string(REGEX MATCH "^(.)=(.*)$" ignored "${alarm}")
    set(letter ${CMAKE_MATCH_1})
    set(expected ${CMAKE_MATCH_2})
    file(WRITE "${WORK_DIR}/${letter}" "wb!${letter}")
    execute_process(COMMAND "${REPLAY}" "${WORK_DIR}/${letter}"
        RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(status EQUAL 0)
        message(SEND_ERROR "\"wb!${letter}\" should have been found, but the replay ended well")
    elseif(NOT output MATCHES "${expected}")
        message(SEND_ERROR "\"wb!${letter}\" should have printed '${expected}', but printed:\n${output}")
    endif()
endforeach()
