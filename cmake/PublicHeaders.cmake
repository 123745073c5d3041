# rectify_public_headers(<variable>): the headers that another project can include, as paths below
# PROJECT_SOURCE_DIR. These are all but
# - the headers of kernels, which need the flags that kernels are compiled with,
# - those that include a header of another library, which only Rectify's own build has to find,
# - those that include one of these, directly or not,
# - the interface in C, which has a place of its own.
function(rectify_public_headers variable)
  file(GLOB_RECURSE public CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
       ${PROJECT_SOURCE_DIR}/rectify/*.h)
  list(FILTER public EXCLUDE REGEX "^rectify/c/")
  set(private ${public})
  list(FILTER private INCLUDE REGEX "/cpu/|simd[a-z_]*\\.h$")
  foreach(header ${public})
    file(STRINGS ${PROJECT_SOURCE_DIR}/${header} includes REGEX "^#include [<\"]")
    if(includes MATCHES "<(onnx/|google/|cairo|dnnl|toml|nlohmann/|Eigen/)")
      list(APPEND private ${header})
    endif()
    foreach(include ${includes})
      string(REGEX REPLACE "^#include [<\"]([^>\"]*).*" "\\1" include "${include}")
      list(APPEND users_of_${include} ${header})
    endforeach()
  endforeach()
  while(private)
    list(POP_FRONT private header)
    if(header IN_LIST public)
      list(REMOVE_ITEM public ${header})
      list(APPEND private ${users_of_${header}})
    endif()
  endwhile()
  set(${variable} ${public} PARENT_SCOPE)
endfunction()
