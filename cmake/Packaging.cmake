# What is installed and packed: the program with its manual and completions, the library (static, and
# shared with RECTIFY_SHARED), its headers, and the files by which CMake and pkg-config find it.
include(CMakePackageConfigHelpers)

set(share ${PROJECT_BINARY_DIR}/share)
set(completions ${share}/completions)
add_custom_command(OUTPUT ${share}/man/rectify.1 ${completions}/rectify ${completions}/_rectify
                          ${completions}/rectify.fish
  COMMAND ${CMAKE_COMMAND} -E make_directory ${completions}
  COMMAND rectify_cli manual --out ${share}/man --quiet
  COMMAND rectify_cli completion bash > ${completions}/rectify
  COMMAND rectify_cli completion zsh > ${completions}/_rectify
  COMMAND rectify_cli completion fish > ${completions}/rectify.fish
  DEPENDS rectify_cli COMMENT "Writing the manual and the shells' completions" VERBATIM)
add_custom_target(rectify_share ALL DEPENDS ${share}/man/rectify.1)

install(TARGETS rectify_cli)
install(DIRECTORY ${share}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${completions}/rectify DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completions}/_rectify DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${completions}/rectify.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/LICENSE
        DESTINATION ${CMAKE_INSTALL_DOCDIR})

include(PublicHeaders)
rectify_public_headers(headers)
foreach(header ${headers})
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${PROJECT_SOURCE_DIR}/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${folder})
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/rectify/c/rectify.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(config ${CMAKE_INSTALL_LIBDIR}/cmake/rectify)
set_target_properties(rectify PROPERTIES EXPORT_NAME static)
install(TARGETS rectify EXPORT rectify-static)
install(EXPORT rectify-static NAMESPACE rectify:: DESTINATION ${config})
if(RECTIFY_SHARED)
  set_target_properties(rectify_shared PROPERTIES EXPORT_NAME shared)
  install(TARGETS rectify_shared EXPORT rectify-shared)
  install(EXPORT rectify-shared NAMESPACE rectify:: DESTINATION ${config})
endif()
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/rectifyConfig.cmake.in
  ${PROJECT_BINARY_DIR}/rectifyConfig.cmake INSTALL_DESTINATION ${config})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/rectifyConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/rectifyConfig.cmake ${CMAKE_CURRENT_LIST_DIR}/FindOneDNN.cmake
        ${CMAKE_CURRENT_LIST_DIR}/FindLibxsmm.cmake
        ${PROJECT_BINARY_DIR}/rectifyConfigVersion.cmake DESTINATION ${config})
file(RELATIVE_PATH RECTIFY_PC_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
if(TARGET Libxsmm::generator)
  set(RECTIFY_PC_GENERATOR "-lxsmmgen -ldl ")
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/rectify.pc.in ${PROJECT_BINARY_DIR}/rectify.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/rectify.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR "The Rectify project")
set(CPACK_PACKAGE_CONTACT "The Rectify project <rectify@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)
