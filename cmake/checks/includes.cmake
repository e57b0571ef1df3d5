# What include paths alone cannot forbid: reaching over by "../", target/ naming the harness, and operating-system
# headers outside target/sys/linux/.   SOURCE_DIR  the project's root

set(system_headers "sys/|netinet/|arpa/|netdb\\.h|unistd\\.h|pthread\\.h|signal\\.h|poll\\.h|fcntl\\.h|time\\.h")

file(GLOB_RECURSE sources
    "${SOURCE_DIR}/target/*.[ch]" "${SOURCE_DIR}/harness/*.[ch]" "${SOURCE_DIR}/fuzz/*.[ch]")
list(LENGTH sources count)
if(count LESS 5)
    message(FATAL_ERROR "only ${count} sources found: the check looks in the wrong place")
endif()
foreach(source IN LISTS sources)
    file(RELATIVE_PATH name "${SOURCE_DIR}" "${source}")
    file(STRINGS "${source}" includes REGEX "^[ \t]*#[ \t]*include")
    foreach(include IN LISTS includes)
        if(include MATCHES "\"\\.\\./")
            message(SEND_ERROR "${name}: ${include}: include from the include root, never by ../")
        endif()
        if(name MATCHES "^target/" AND include MATCHES "wouldblock/|harness/")
            message(SEND_ERROR "${name}: ${include}: target/ does not know the harness")
        endif()
        if(name MATCHES "^target/" AND NOT name MATCHES "^target/sys/linux/|/tests/|_interop_test"
                AND include MATCHES "<(${system_headers})")
            message(SEND_ERROR "${name}: ${include}: only target/sys/linux/ talks to the operating system")
        endif()
    endforeach()
endforeach()
message(STATUS "${count} files looked at")
