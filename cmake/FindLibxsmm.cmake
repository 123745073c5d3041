# The code generator of libxsmm, the part of it that needs no BLAS. It is for x86-64 alone; without
# it oneDNN computes all convolutions. Gives Libxsmm_LIBRARIES, empty where it is not found.
find_path(Libxsmm_INCLUDE_DIR libxsmm_generator.h)
find_library(Libxsmm_GENERATOR xsmmgen)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libxsmm REQUIRED_VARS Libxsmm_GENERATOR Libxsmm_INCLUDE_DIR)
set(Libxsmm_LIBRARIES "")
if(Libxsmm_FOUND)
  set(Libxsmm_LIBRARIES Libxsmm::generator)
  if(NOT TARGET Libxsmm::generator)
    add_library(Libxsmm::generator UNKNOWN IMPORTED)
    set_target_properties(Libxsmm::generator PROPERTIES
      IMPORTED_LOCATION ${Libxsmm_GENERATOR} INTERFACE_INCLUDE_DIRECTORIES ${Libxsmm_INCLUDE_DIR}
      INTERFACE_LINK_LIBRARIES "${CMAKE_DL_LIBS}")
  endif()
endif()
