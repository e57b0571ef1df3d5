# What a build checks about itself: headers stand alone and together, in C and in C++, arrows point one way, what is
# installed can be used, the canary rings.

if(NOT BUILD_TESTING OR NOT PROJECT_IS_TOP_LEVEL)
    return()
endif()

set(wb_checks_dir "${CMAKE_CURRENT_LIST_DIR}/checks")
get_property(wb_target_layers GLOBAL PROPERTY WB_target_LAYERS)
get_property(wb_harness_layers GLOBAL PROPERTY WB_harness_LAYERS)

# --- Headers: each one alone, twice (its guard), with only what its own layer may see. Part of every full build without
# sanitizers, which change nothing about what a compiler says.
set(wb_checked_layers "")
if(NOT WB_SANITIZE AND NOT WB_COVERAGE)
    set(wb_checked_layers ${wb_target_layers} ${wb_harness_layers})
    include(CheckLanguage)
    check_language(CXX)
    if(CMAKE_CXX_COMPILER)
        enable_language(CXX)
    endif()
endif()
foreach(layer IN LISTS wb_checked_layers)
    get_property(headers GLOBAL PROPERTY WB_LAYER_HEADERS_${layer})
    if(NOT headers)
        continue()
    endif()
    set(units "")
    foreach(header IN LISTS headers)
        string(MAKE_C_IDENTIFIER "${header}" stem)
        foreach(extension c cpp)
            set(unit "${PROJECT_BINARY_DIR}/header_check/${stem}.${extension}")
            if(extension STREQUAL "c" OR CMAKE_CXX_COMPILER)
                file(CONFIGURE OUTPUT "${unit}" CONTENT
                    "#include \"@header@\"\n#include \"@header@\"\n\nextern int header_check_@stem@;\n" @ONLY)
                list(APPEND units "${unit}")
            endif()
        endforeach()
    endforeach()
    add_library(header_check_${layer} OBJECT ${units})
    target_link_libraries(header_check_${layer} PRIVATE wb_options ${layer})
    set_target_properties(header_check_${layer} PROPERTIES CXX_STANDARD 17 CXX_EXTENSIONS OFF)
endforeach()

# --- Headers together: those of the target name nothing twice, whichever of them a program includes.
get_property(wb_together GLOBAL PROPERTY WB_target_HEADERS)
list(TRANSFORM wb_together REPLACE "(.+)" "#include \"\\1\"")
list(JOIN wb_together "\n" wb_together)
if(wb_checked_layers)
    set(units "")
    foreach(extension c cpp)
        if(extension STREQUAL "c" OR CMAKE_CXX_COMPILER)
            file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/header_check/together.${extension}"
                CONTENT "@wb_together@\n\nextern int header_check_together;\n" @ONLY)
            list(APPEND units "${PROJECT_BINARY_DIR}/header_check/together.${extension}")
        endif()
    endforeach()
    add_library(header_check_together OBJECT ${units})
    target_link_libraries(header_check_together PRIVATE wb_options ${wb_target_layers})
    set_target_properties(header_check_together PROPERTIES CXX_STANDARD 17 CXX_EXTENSIONS OFF)
endif()

# --- Arrows: which public headers each layer can include, held against the order in which the layers stand.
function(wb_check_arrows layer)
    get_property(all_headers GLOBAL PROPERTY WB_target_HEADERS)
    get_property(harness_headers GLOBAL PROPERTY WB_harness_HEADERS)
    list(APPEND all_headers ${harness_headers})
    set(ranks "")
    foreach(other IN LISTS wb_target_layers wb_harness_layers)
        get_property(headers GLOBAL PROPERTY WB_LAYER_HEADERS_${other})
        foreach(header IN LISTS headers)
            list(APPEND ranks "${header}=${other}")
        endforeach()
    endforeach()
    add_test(NAME arrows_${layer}
        COMMAND "${CMAKE_COMMAND}" "-DLAYER=${layer}" "-DCOMPILER=${CMAKE_C_COMPILER}"
            "-DVIEWS=$<TARGET_PROPERTY:${layer},INTERFACE_INCLUDE_DIRECTORIES>" "-DHEADERS=${ranks}"
            "-DWORK_DIR=${PROJECT_BINARY_DIR}/arrow_check" -P "${wb_checks_dir}/arrows.cmake")
    set_tests_properties(arrows_${layer} PROPERTIES TIMEOUT 60 LABELS "arrows")
endfunction()
foreach(layer IN LISTS wb_target_layers wb_harness_layers)
    wb_check_arrows(${layer})
endforeach()
add_test(NAME arrows_in_sources
    COMMAND "${CMAKE_COMMAND}" "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}" -P "${wb_checks_dir}/includes.cmake")
set_tests_properties(arrows_in_sources PROPERTIES TIMEOUT 60 LABELS "arrows")

# --- Install: a stranger's program, built by CMake and by pkg-config against an installed copy.
if(NOT WB_SANITIZE AND NOT WB_COVERAGE AND WB_FUZZ_ENGINE STREQUAL "none" AND TARGET wb_stack)
    # From the folders, not from what the layers name: a header that no layer names is not installed.
    set(wb_public_headers "")
    foreach(pillar target harness)
        file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/${pillar}/include"
            "${PROJECT_SOURCE_DIR}/${pillar}/include/*.h")
        list(APPEND wb_public_headers ${headers})
    endforeach()
    list(REMOVE_ITEM wb_public_headers ${wb_example_headers}) # start functions of programs: for the harness itself
    add_test(NAME install_consumer
        COMMAND "${CMAKE_COMMAND}" "-DBUILD_DIR=${PROJECT_BINARY_DIR}" "-DCONSUMER_DIR=${wb_checks_dir}/consumer"
            "-DCOMPILER=${CMAKE_C_COMPILER}" "-DCXX_COMPILER=${CMAKE_CXX_COMPILER}" "-DHEADERS=${wb_public_headers}"
            "-DGENERATOR=${CMAKE_GENERATOR}" "-DLIBDIR=${CMAKE_INSTALL_LIBDIR}"
            "-DHARNESS=$<TARGET_EXISTS:wb_harness>" -P "${wb_checks_dir}/install_consumer.cmake")
    set_tests_properties(install_consumer PROPERTIES TIMEOUT 300 LABELS "install" RUN_SERIAL ON)
endif()

# --- Canary: its abort is seen by every build, its other two bugs by the sanitizers.
if(TARGET replay_fuzz_canary)
    set(alarms "a=died while running")
    if(WB_SANITIZE MATCHES "address")
        list(APPEND alarms "o=heap-buffer-overflow")
    endif()
    if(WB_SANITIZE MATCHES "undefined")
        list(APPEND alarms "u=signed integer overflow")
    endif()
    add_test(NAME canary_rings
        COMMAND "${CMAKE_COMMAND}" "-DREPLAY=$<TARGET_FILE:replay_fuzz_canary>" "-DALARMS=${alarms}"
            "-DWORK_DIR=${PROJECT_BINARY_DIR}/canary" -P "${wb_checks_dir}/canary.cmake")
    set_tests_properties(canary_rings PROPERTIES TIMEOUT 60 LABELS "corpus")
endif()
