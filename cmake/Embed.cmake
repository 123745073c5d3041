# rectify_embed(target namespace name file) compiles the bytes of a file into a target, as the
# function `std::string_view name()` of the namespace. Plain C++ comes out, so any compiler and
# object format will do, and a change of the file rebuilds what carries it.
#
# The file is also the script that writes that C++:
# cmake -DNAMESPACE= -DNAME= -DINPUT= -DOUTPUT= -P.

if(CMAKE_SCRIPT_MODE_FILE AND DEFINED OUTPUT)
  file(READ ${INPUT} bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  file(WRITE ${OUTPUT} "#include <string_view>

namespace ${NAMESPACE} {

std::string_view ${NAME}();

std::string_view ${NAME}() {
  static constexpr unsigned char bytes[] = {
${bytes}0};  // the 0 is for empty files, and is not counted
  return {reinterpret_cast<const char*>(bytes), sizeof bytes - 1};
}

}  // namespace ${NAMESPACE}
")
  return()
endif()

set(RECTIFY_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(rectify_embed target namespace name file)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embed/${target}_${name}.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DNAMESPACE=${namespace} -DNAME=${name} -DINPUT=${file}
            -DOUTPUT=${output} -P ${RECTIFY_EMBED_SCRIPT}
    DEPENDS ${file} ${RECTIFY_EMBED_SCRIPT} VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()

# rectify_embed_folder(target namespace function folder ending) compiles the *.ending of a folder into
# a target. The function of the namespace returns a pair for each, its name without the ending and its
# bytes, so that nobody keeps a list.
function(rectify_embed_folder target namespace function folder ending)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.${ending})
  set(declarations "")
  set(entries "")
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME_WLE)
    string(MAKE_C_IDENTIFIER ${name} identifier)
    rectify_embed(${target} ${namespace}::embedded ${identifier} ${file})
    string(APPEND declarations "std::string_view ${identifier}();\n")
    string(APPEND entries "          {\"${name}\", embedded::${identifier}()},\n")
  endforeach()
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/embed/${target}_${function}_list.cpp)
  file(CONFIGURE OUTPUT ${generated} CONTENT
"// Made by the build from the names of the files in a folder.
#include <string_view>
#include <utility>
#include <vector>

namespace ${namespace} {
namespace embedded {
${declarations}}  // namespace embedded

std::vector<std::pair<std::string_view, std::string_view>> ${function}();

std::vector<std::pair<std::string_view, std::string_view>> ${function}() {
  return {
${entries}  };
}
}  // namespace ${namespace}
" @ONLY)
  target_sources(${target} PRIVATE ${generated})
endfunction()
