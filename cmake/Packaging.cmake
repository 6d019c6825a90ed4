# The installed files, and their Debian package (dev/scripts/deb.sh). The program finds its private libduckdb.so relative to itself, so the tree
# works under any prefix.
include(GNUInstallDirs)
set(OFFLOADER_UNIT_DIR "lib/systemd/system" CACHE STRING "Where the systemd unit goes, relative to the prefix")
set(OFFLOADER_LIBRARY_DIR "lib/offloader")

# The build tree has the structure of an installation, so both use the same RUNPATH, and the program is installed as it was linked. With two
# different ones, CMake would pad the first with `:`, and the loader would look for libraries in the current directory.
set_target_properties(offloader PROPERTIES INSTALL_RPATH "$ORIGIN/../${OFFLOADER_LIBRARY_DIR}" BUILD_WITH_INSTALL_RPATH ON)
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/${OFFLOADER_LIBRARY_DIR}")
get_target_property(duckdb_library duckdb::duckdb IMPORTED_LOCATION)
file(CREATE_LINK "${duckdb_library}" "${CMAKE_BINARY_DIR}/${OFFLOADER_LIBRARY_DIR}/libduckdb.so" SYMBOLIC)
install(TARGETS offloader RUNTIME DESTINATION bin COMPONENT offloader)
install(PROGRAMS "$<TARGET_FILE:duckdb::duckdb>" DESTINATION "${OFFLOADER_LIBRARY_DIR}" RENAME libduckdb.so COMPONENT offloader)
install(FILES "${CMAKE_SOURCE_DIR}/LICENSE" RENAME copyright DESTINATION share/doc/offloader COMPONENT offloader)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/examples/customer-analytics" "${CMAKE_SOURCE_DIR}/examples/public-metrics"
  DESTINATION share/doc/offloader/examples COMPONENT offloader)
install(FILES "${CMAKE_SOURCE_DIR}/deploy/systemd/offloader.service" DESTINATION "${OFFLOADER_UNIT_DIR}" COMPONENT offloader)

# The manual page and the completions are generated from the commands. A tree without them can still build a package.
if(EXISTS "${CMAKE_SOURCE_DIR}/docs/offloader.1")
  set(manual "${CMAKE_BINARY_DIR}/offloader.1.gz")
  add_custom_command(OUTPUT "${manual}" COMMAND gzip -9nc "${CMAKE_SOURCE_DIR}/docs/offloader.1" > "${manual}"
    DEPENDS "${CMAKE_SOURCE_DIR}/docs/offloader.1" VERBATIM)
  add_custom_target(offloader_manual ALL DEPENDS "${manual}")
  install(FILES "${manual}" DESTINATION share/man/man1 COMPONENT offloader)
endif()
install(FILES "${CMAKE_SOURCE_DIR}/completions/offloader.bash" DESTINATION share/bash-completion/completions RENAME offloader
  COMPONENT offloader OPTIONAL)
install(FILES "${CMAKE_SOURCE_DIR}/completions/_offloader" DESTINATION share/zsh/vendor-completions COMPONENT offloader OPTIONAL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME offloader)
set(CPACK_PACKAGE_VENDOR "The Offloader project")
set(CPACK_PACKAGE_CONTACT "The Offloader maintainers <maintainers@offloader.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "REST endpoints over Parquet and CSV snapshots, with API keys and tenants")
set(CPACK_PACKAGE_DESCRIPTION "Offloader materializes snapshots into DuckDB files and serves declarative REST
endpoints over them, with API keys and a tenant filter that its compiler adds to every query.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};offloader;offloader;/")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
get_filename_component(duckdb_folder "${duckdb_library}" DIRECTORY)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${duckdb_folder}")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# An absolute destination is outside the prefix, which /etc requires. conffiles lists the files that a package manager must not overwrite.
install(FILES "${CMAKE_SOURCE_DIR}/deploy/systemd/offloader.env" DESTINATION /etc/default RENAME offloader COMPONENT offloader)
install(DIRECTORY DESTINATION /etc/offloader COMPONENT offloader)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${CMAKE_SOURCE_DIR}/deploy/debian/conffiles"
  "${CMAKE_SOURCE_DIR}/deploy/debian/postinst" "${CMAKE_SOURCE_DIR}/deploy/debian/prerm" "${CMAKE_SOURCE_DIR}/deploy/debian/postrm")
include(CPack)
