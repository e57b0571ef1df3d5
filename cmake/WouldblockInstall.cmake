# What is installed: one static library a pillar, made of all its layers, with headers, a CMake package and pkg-config
# files. Inside this build the layers stay apart, for the arrows' sake.
#
#   libwouldblock.a           the stack: wouldblock::wouldblock, wouldblock.pc
#   libwouldblock_harness.a   the simulated kernel and what drives it: wouldblock::harness, wouldblock-harness.pc
#
# The example programs belong to the harness's library: it runs them by name; the stack does not need them.

include(CMakePackageConfigHelpers)

# Layers of the command and of tests alone.
set(wb_command_layers wb_contract wb_contract_linux wbh_fidelity wbh_report wbh_semantics wbh_cli)

get_property(wb_stack_layers GLOBAL PROPERTY WB_target_COMPILED_LAYERS)
get_property(wb_harness_parts GLOBAL PROPERTY WB_harness_COMPILED_LAYERS)
list(REMOVE_ITEM wb_stack_layers ${wb_command_layers})
list(REMOVE_ITEM wb_harness_parts ${wb_command_layers})
get_property(wb_stack_headers GLOBAL PROPERTY WB_target_HEADERS)
get_property(wb_harness_headers GLOBAL PROPERTY WB_harness_HEADERS)
if(TARGET wb_examples)
    list(REMOVE_ITEM wb_stack_layers wb_examples)
    list(APPEND wb_harness_parts wb_examples)
    get_property(wb_example_headers GLOBAL PROPERTY WB_LAYER_HEADERS_wb_examples)
    list(REMOVE_ITEM wb_stack_headers ${wb_example_headers})
endif()

# What is installed needs no library but the C library, so that its package names no dependency.
function(wb_require_no_libraries)
    foreach(layer IN LISTS ARGN)
        get_property(libraries GLOBAL PROPERTY WB_LAYER_LIBRARIES_${layer})
        list(FILTER libraries EXCLUDE REGEX "^(wb_|wbh_|Threads::Threads$)")
        if(libraries)
            message(FATAL_ERROR "layer ${layer} is installed but needs ${libraries}: name it in the package files")
        endif()
    endforeach()
endfunction()

# The targets are not called as the files are, since the command's target is `wouldblock`.
function(wb_combined_library target file name)
    wb_require_no_libraries(${ARGN})
    set(objects "")
    foreach(layer IN LISTS ARGN)
        list(APPEND objects $<TARGET_OBJECTS:${layer}>)
    endforeach()
    add_library(${target} STATIC ${objects})
    set_target_properties(${target} PROPERTIES
        LINKER_LANGUAGE C OUTPUT_NAME ${file} EXPORT_NAME ${name})
    target_compile_features(${target} INTERFACE c_std_11)
    target_include_directories(${target} INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
endfunction()

function(wb_install_headers source_dir)
    foreach(header IN LISTS ARGN)
        get_filename_component(folder "${header}" DIRECTORY)
        install(FILES "${source_dir}/${header}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/${folder}")
    endforeach()
endfunction()

function(wb_install_pkg_config file name description requires library)
    set(PC_NAME "${name}")
    set(PC_DESCRIPTION "${description}")
    set(PC_REQUIRES "${requires}")
    set(PC_LIBRARY "${library}")
    file(RELATIVE_PATH PC_UP "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
    configure_file("${PROJECT_SOURCE_DIR}/cmake/templates/wouldblock.pc.in" "${PROJECT_BINARY_DIR}/${file}" @ONLY)
    install(FILES "${PROJECT_BINARY_DIR}/${file}" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()

if(NOT WB_FUZZ_ENGINE STREQUAL "none" OR NOT PROJECT_IS_TOP_LEVEL)
    return()
endif()

set(wb_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/wouldblock")
find_package(Threads REQUIRED)

wb_combined_library(wb_stack wouldblock wouldblock ${wb_stack_layers})
target_link_libraries(wb_stack INTERFACE Threads::Threads)
wb_install_headers("${PROJECT_SOURCE_DIR}/target/include" ${wb_stack_headers})
install(TARGETS wb_stack EXPORT wouldblockTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
wb_install_pkg_config(wouldblock.pc "wouldblock" "${PROJECT_DESCRIPTION}" "" wouldblock)

if(wb_harness_parts)
    wb_combined_library(wb_harness wouldblock_harness harness ${wb_harness_parts})
    target_link_libraries(wb_harness INTERFACE wb_stack)
    wb_install_headers("${PROJECT_SOURCE_DIR}/harness/include" ${wb_harness_headers})
    install(TARGETS wb_harness EXPORT wouldblockTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
    wb_install_pkg_config(wouldblock-harness.pc "wouldblock-harness"
        "The simulated kernel that torments a network stack" "wouldblock" wouldblock_harness)
endif()

if(TARGET wouldblock)
    install(TARGETS wouldblock RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

install(EXPORT wouldblockTargets NAMESPACE wouldblock:: DESTINATION "${wb_package_dir}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/templates/wouldblockConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/wouldblockConfig.cmake" INSTALL_DESTINATION "${wb_package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/wouldblockConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/wouldblockConfig.cmake" "${PROJECT_BINARY_DIR}/wouldblockConfigVersion.cmake"
    DESTINATION "${wb_package_dir}")
