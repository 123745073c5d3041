# A room is a folder of rectify/: one static library of every source below it. Rooms are declared in
# the order of docs/architecture.md, and each may use only those declared before it.

set(RECTIFY_ROOMS "" CACHE INTERNAL "rooms declared so far, in order")
set(RECTIFY_LINKED "" CACHE INTERNAL "what the rooms link")

# The instruction sets a *.kernel.cpp file is built for, once each, with RECTIFY_ISA naming both the
# namespace that the code lives in and the set. `baseline` is whatever the compiler targets anyway.
set(RECTIFY_ISA_FLAGS_baseline "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(RECTIFY_ISAS baseline avx2 avx512)
  set(RECTIFY_ISA_FLAGS_avx2 -mavx2 -mfma -mf16c)
  set(RECTIFY_ISA_FLAGS_avx512 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mavx2 -mf16c
      -mprefer-vector-width=512)
  # What the environment variable RECTIFY_ISA may ask for.
  set(RECTIFY_ASKED_ISAS ${RECTIFY_ISAS} avx512_bf16 CACHE INTERNAL "")
else()
  set(RECTIFY_ISAS baseline)
  set(RECTIFY_ASKED_ISAS ${RECTIFY_ISAS} CACHE INTERNAL "")
endif()

# rectify_compile_quickly(<target>): for code that does no long computation. It compiles in two thirds
# of the time, and a release build of it is as fast as anybody can notice.
function(rectify_compile_quickly target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  set_target_properties(${target} PROPERTIES RECTIFY_QUICKLY quickly)
endfunction()

# rectify_compile_at_once(<target>): for tests that compute next to nothing: in two thirds of that
# time again.
function(rectify_compile_at_once target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O0>)
  set_target_properties(${target} PROPERTIES RECTIFY_QUICKLY at_once)
endfunction()

# rectify_precompile(<target> [OWN] [<header>...]) reads the standard library's headers and these once
# for all sources of a target, and not once a source, which is half of what most sources take to
# compile. Targets with the same optimisation and headers share what the first of them has read: GCC
# crashes on what was read with another optimisation. OWN is for a target that links a library with
# compiler flags, which shares with nobody.
# The presets for developers do without, so that a source which forgets an include fails there.
set(RECTIFY_STANDARD_HEADERS <algorithm> <array> <cmath> <cstddef> <cstdint> <cstring> <filesystem>
    <functional> <limits> <map> <memory> <numeric> <optional> <set> <span> <sstream> <string>
    <string_view> <utility> <vector>)

function(rectify_precompile target)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  endif()
  cmake_parse_arguments(OF "OWN" "" "" ${ARGN})
  get_target_property(quickly ${target} RECTIFY_QUICKLY)
  set(kind "RECTIFY_PRECOMPILED ${quickly} ${OF_UNPARSED_ARGUMENTS}")
  get_property(first GLOBAL PROPERTY ${kind})
  if(first AND NOT OF_OWN)
    target_precompile_headers(${target} REUSE_FROM ${first})
    return()
  endif()
  target_precompile_headers(${target} PRIVATE ${RECTIFY_STANDARD_HEADERS} ${OF_UNPARSED_ARGUMENTS})
  if(NOT OF_OWN)
    set_property(GLOBAL PROPERTY ${kind} ${target})
  endif()
endfunction()

# rectify_precompile_kernels(<instruction set> <target> <header>) does the same for kernels. Nothing is
# read for them but this header, which most of them include: what else is inline must not get in
# (rectify/base/simd.h). Most of its time goes into the compiler's own header of intrinsics.
function(rectify_precompile_kernels isa target header)
  set(kind "RECTIFY_PRECOMPILED kernels ${isa} ${header}")
  get_property(first GLOBAL PROPERTY ${kind})
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    return()
  elseif(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    target_precompile_headers(${target} PRIVATE ${PROJECT_SOURCE_DIR}/${header})
    set_property(GLOBAL PROPERTY ${kind} ${target})
  endif()
endfunction()

# rectify_room(<name> [QUICKLY [BUT <source or folder>...]] [OWN_FLAGS] [PRECOMPILE <header>...]
#              [KERNELS <header>] [HEADERS <library>...] [LINK PUBLIC|PRIVATE <library>...]): QUICKLY
# is for rooms of which rectify_compile_quickly is true, BUT for these sources, which are compiled for
# speed; OWN_FLAGS for rooms that link a library with compiler flags.
# PRECOMPILE are headers that most of the room's sources include, KERNELS is the header that its kernels
# include, where that is not rectify/base/simd.h. HEADERS are libraries that are nothing but headers,
# which whoever links the room has no need of.
function(rectify_room name)
  cmake_parse_arguments(ROOM "QUICKLY;OWN_FLAGS" "KERNELS" "BUT;PRECOMPILE;HEADERS;LINK" ${ARGN})
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  set(kernels ${sources})
  list(FILTER kernels INCLUDE REGEX "\\.kernel\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "\\.kernel\\.cpp$")
  if(NOT ROOM_KERNELS)
    set(ROOM_KERNELS rectify/base/simd.h)
  endif()
  set(parts rectify_${name})
  if(ROOM_BUT)
    list(TRANSFORM ROOM_BUT PREPEND "^${folder}/")
    list(JOIN ROOM_BUT "|" fast)
    set(fast_sources ${sources})
    list(FILTER fast_sources INCLUDE REGEX "${fast}")
    list(FILTER sources EXCLUDE REGEX "${fast}")
    add_library(rectify_${name}_fast OBJECT ${fast_sources})
    rectify_precompile(rectify_${name}_fast)
    list(APPEND parts rectify_${name}_fast)
  endif()
  add_library(rectify_${name} STATIC ${sources})
  if(ROOM_QUICKLY)
    rectify_compile_quickly(rectify_${name})
  endif()
  if(ROOM_OWN_FLAGS)
    list(APPEND ROOM_PRECOMPILE OWN)
  endif()
  rectify_precompile(rectify_${name} ${ROOM_PRECOMPILE})
  foreach(isa ${RECTIFY_ISAS})
    if(kernels)
      add_library(rectify_${name}_${isa} OBJECT ${kernels})
      set_target_properties(rectify_${name}_${isa} PROPERTIES UNITY_BUILD OFF)
      target_compile_definitions(rectify_${name}_${isa} PRIVATE RECTIFY_ISA=${isa})
      target_compile_options(rectify_${name}_${isa} PRIVATE -O3 -fno-math-errno -fno-trapping-math
                             -ffp-contract=off ${RECTIFY_ISA_FLAGS_${isa}})
      target_include_directories(rectify_${name}_${isa} PRIVATE ${PROJECT_SOURCE_DIR})
      rectify_precompile_kernels(${isa} rectify_${name}_${isa} ${ROOM_KERNELS})
      target_sources(rectify_${name} PRIVATE $<TARGET_OBJECTS:rectify_${name}_${isa}>)
    endif()
  endforeach()
  target_compile_features(rectify_${name} PUBLIC cxx_std_20)
  foreach(part ${parts})
    target_include_directories(${part} PUBLIC ${PROJECT_SOURCE_DIR})
    foreach(above ${RECTIFY_ROOMS})
      target_link_libraries(${part} PUBLIC rectify_${above})
    endforeach()
    foreach(library ${ROOM_HEADERS})
      target_link_libraries(${part} PRIVATE $<BUILD_INTERFACE:${library}>)
    endforeach()
    target_link_libraries(${part} ${ROOM_LINK})
  endforeach()
  if(ROOM_BUT)
    target_sources(rectify_${name} PRIVATE $<TARGET_OBJECTS:rectify_${name}_fast>)
  endif()
  list(FILTER ROOM_LINK EXCLUDE REGEX "^(PUBLIC|PRIVATE)$")
  set(RECTIFY_LINKED ${RECTIFY_LINKED} ${ROOM_LINK} CACHE INTERNAL "")
  set(RECTIFY_ROOMS ${name} ${RECTIFY_ROOMS} CACHE INTERNAL "")
endfunction()

# rectify_library(<target> STATIC|SHARED): all rooms as one library, of the objects that the rooms have
# compiled already. The shared one shows what is named rectify and nothing else: not its copies of
# other people's templates.
function(rectify_library target kind)
  add_library(${target} ${kind})
  foreach(room ${RECTIFY_ROOMS})
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:rectify_${room}>)
    foreach(part fast ${RECTIFY_ISAS})
      if(TARGET rectify_${room}_${part})
        target_sources(${target} PRIVATE $<TARGET_OBJECTS:rectify_${room}_${part}>)
      endif()
    endforeach()
  endforeach()
  set_target_properties(${target} PROPERTIES OUTPUT_NAME rectify LINKER_LANGUAGE CXX
                        VERSION ${PROJECT_VERSION} SOVERSION ${RECTIFY_SOVERSION})
  target_link_libraries(${target} PRIVATE ${RECTIFY_LINKED})
  target_compile_features(${target} INTERFACE cxx_std_20)  # the headers need it, and so their users
  target_include_directories(${target} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/rectify/c>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  if(kind STREQUAL "SHARED")
    set(symbols ${PROJECT_SOURCE_DIR}/cmake/rectify.symbols)
    target_link_options(${target} PRIVATE -Wl,--version-script=${symbols} -Wl,-Bsymbolic-functions)
    set_target_properties(${target} PROPERTIES LINK_DEPENDS ${symbols})
  endif()
endfunction()

# rectify_collect(<room> <folder> <namespace> <header> <entry type> <function>): makes the list of what
# the files of a folder offer, so that nobody keeps one. Each file <name>.cpp defines
# `std::span<const Entry> <name>()` in the sub-namespace ops; the generated function returns all of
# them. Where CMAKE_UNITY_BUILD is on, ten files are compiled as one, which takes little more time than
# one of them. They call many helpers alike, so a macro gives each file a namespace of its own.
function(rectify_collect room folder namespace header entry function)
  file(GLOB files CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/${folder}
       ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  set(declarations "")
  set(calls "")
  set(number 0)
  foreach(file IN LISTS files)
    set(path ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/${file})
    set(own ops)
    if(CMAKE_UNITY_BUILD)
      set(own ops_${number})
      math(EXPR batch "${number} / 10")
      string(APPEND batch_${batch} "#define ops ${own}\n#include \"${path}\"\n#undef ops\n")
      set_source_files_properties(${path} PROPERTIES HEADER_FILE_ONLY ON)
      math(EXPR number "${number} + 1")
    endif()
    string(REPLACE ".cpp" "" name ${file})
    string(APPEND declarations "namespace ${own} {\nstd::span<const ${entry}> ${name}();\n}\n")
    string(APPEND calls "    for (const ${entry}& entry : ${own}::${name}()) all.push_back(&entry);\n")
  endforeach()
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/${room}_${function}.cpp)
  file(CONFIGURE OUTPUT ${generated} CONTENT
"// Made by the build from the names of the files in ${folder}/.
#include <vector>

#include \"${header}\"

namespace ${namespace} {
${declarations}
std::span<const ${entry}* const> ${function}() {
  static const std::vector<const ${entry}*> entries = [] {
    std::vector<const ${entry}*> all;
${calls}    return all;
  }();
  return entries;
}
}  // namespace ${namespace}
" @ONLY)
  target_sources(rectify_${room} PRIVATE ${generated})
  set(batch 0)
  while(DEFINED batch_${batch})
    set(generated ${CMAKE_CURRENT_BINARY_DIR}/${room}_${function}_${batch}.cpp)
    file(CONFIGURE OUTPUT ${generated} CONTENT "${batch_${batch}}" @ONLY)
    set_source_files_properties(${generated} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    target_sources(rectify_${room} PRIVATE ${generated})
    math(EXPR batch "${batch} + 1")
  endwhile()
endfunction()
