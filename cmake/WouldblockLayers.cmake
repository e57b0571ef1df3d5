# A layer is one folder: its own target, its own include path, the layers it may see. A header of a layer that is not
# named in DEPENDS cannot be found by the compiler, so an arrow that points the wrong way does not build.
#
#   wb_layer(reactor
#       TARGET   wb_reactor
#       PREFIX   wb                      # public headers are <PREFIX>/*.h ...
#       PUBLIC   poll.h registry.h       # ... these, which lie in the pillar's include folder
#       SOURCES  poll.c registry.c
#       DEPENDS  wb_seam wb_base         # what its users may see too
#       PRIVATE_DEPENDS PkgConfig::X)    # what only its sources see
#
# PILLAR harness takes the headers from harness/include. Private headers of the folder are included as "reactor/x.h"
# by the folder itself and by the layers that depend on it.

function(wb_layer folder)
    cmake_parse_arguments(L "" "PREFIX;TARGET;PILLAR" "PUBLIC;SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
    if(L_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "wb_layer(${folder}): unexpected ${L_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT L_TARGET OR NOT L_PREFIX)
        message(FATAL_ERROR "wb_layer(${folder}): TARGET and PREFIX are required")
    endif()
    if(L_PILLAR STREQUAL "harness")
        set(include_dir "${PROJECT_SOURCE_DIR}/harness/include")
    else()
        set(L_PILLAR target)
        set(include_dir "${PROJECT_SOURCE_DIR}/target/include")
    endif()

    # The view is what a dependent may include: links to the public headers and to the folder, nothing else.
    set(view "${PROJECT_BINARY_DIR}/arrows/${L_TARGET}")
    file(REMOVE_RECURSE "${view}")
    file(MAKE_DIRECTORY "${view}/${L_PREFIX}")
    foreach(header IN LISTS L_PUBLIC)
        if(NOT EXISTS "${include_dir}/${L_PREFIX}/${header}")
            message(FATAL_ERROR "wb_layer(${folder}): no public header ${include_dir}/${L_PREFIX}/${header}")
        endif()
        file(CREATE_LINK "${include_dir}/${L_PREFIX}/${header}" "${view}/${L_PREFIX}/${header}" SYMBOLIC)
    endforeach()
    get_filename_component(parent "${view}/${folder}" DIRECTORY)
    file(MAKE_DIRECTORY "${parent}")
    file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${view}/${folder}" SYMBOLIC)

    if(L_SOURCES)
        add_library(${L_TARGET} STATIC ${L_SOURCES})
        target_include_directories(${L_TARGET} PUBLIC "${view}")
        target_link_libraries(${L_TARGET} PUBLIC ${L_DEPENDS} PRIVATE wb_options ${L_PRIVATE_DEPENDS})
        set_property(GLOBAL APPEND PROPERTY WB_${L_PILLAR}_COMPILED_LAYERS ${L_TARGET})
    else()
        add_library(${L_TARGET} INTERFACE)
        target_include_directories(${L_TARGET} INTERFACE "${view}")
        target_link_libraries(${L_TARGET} INTERFACE ${L_DEPENDS})
    endif()
    set_property(GLOBAL APPEND PROPERTY WB_${L_PILLAR}_LAYERS ${L_TARGET})
    set_property(GLOBAL PROPERTY WB_LAYER_LIBRARIES_${L_TARGET} ${L_DEPENDS} ${L_PRIVATE_DEPENDS})
    foreach(header IN LISTS L_PUBLIC)
        set_property(GLOBAL APPEND PROPERTY WB_${L_PILLAR}_HEADERS "${L_PREFIX}/${header}")
        set_property(GLOBAL APPEND PROPERTY WB_LAYER_HEADERS_${L_TARGET} "${L_PREFIX}/${header}")
    endforeach()
endfunction()
