# wb_twin(wbh_kernel_planted OF wbh_kernel DEFINES SIM_PLANTED): the sources of a layer compiled once more, as objects
# that whoever links them uses instead of the layer's own: the archive is asked only for what is still missing.
#
# COPIED   compiles copies that lie in the build folder: lists of what is not instrumented name folders of the sources

function(wb_twin name)
    cmake_parse_arguments(T "COPIED" "OF" "DEFINES" ${ARGN})
    if(T_UNPARSED_ARGUMENTS OR NOT T_OF)
        message(FATAL_ERROR "wb_twin(${name}): OF is required, unexpected: ${T_UNPARSED_ARGUMENTS}")
    endif()
    get_target_property(sources ${T_OF} SOURCES)
    get_target_property(folder ${T_OF} SOURCE_DIR)
    get_target_property(defines ${T_OF} COMPILE_DEFINITIONS)
    set(files "")
    foreach(source IN LISTS sources)
        if(T_COPIED)
            configure_file("${folder}/${source}" "${PROJECT_BINARY_DIR}/twins/${name}/${source}" COPYONLY)
            list(APPEND files "${PROJECT_BINARY_DIR}/twins/${name}/${source}")
        else()
            list(APPEND files "${folder}/${source}")
        endif()
    endforeach()
    add_library(${name} OBJECT EXCLUDE_FROM_ALL ${files})
    target_link_libraries(${name} PRIVATE wb_options ${T_OF})
    if(defines)
        target_compile_definitions(${name} PRIVATE ${defines})
    endif()
    target_compile_definitions(${name} PUBLIC ${T_DEFINES})
endfunction()
