# A room is a folder of rectify/: one static library of every source below it. Rooms are declared in
# the order of docs/architecture.md, and each may use only those declared before it.

set(RECTIFY_ROOMS "" CACHE INTERNAL "rooms declared so far, in order")

# The instruction sets a *.kernel.cpp file is built for, once each, with RECTIFY_ISA naming both the
# namespace that the code lives in and the set. `baseline` is whatever the compiler targets anyway.
set(RECTIFY_ISA_FLAGS_baseline "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(RECTIFY_ISAS baseline avx2 avx512)
  set(RECTIFY_ISA_FLAGS_avx2 -mavx2 -mfma -mf16c)
  set(RECTIFY_ISA_FLAGS_avx512 -mavx512f -mavx512dq -mavx512bw -mavx512vl -mfma -mavx2 -mf16c
      -mprefer-vector-width=512)
else()
  set(RECTIFY_ISAS baseline)
endif()

function(rectify_room name)
  cmake_parse_arguments(ROOM "" "" "LINK" ${ARGN})
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  set(kernels ${sources})
  list(FILTER kernels INCLUDE REGEX "\\.kernel\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "\\.kernel\\.cpp$")
  add_library(rectify_${name} STATIC ${sources})
  foreach(isa ${RECTIFY_ISAS})
    if(kernels)
      add_library(rectify_${name}_${isa} OBJECT ${kernels})
      target_compile_definitions(rectify_${name}_${isa} PRIVATE RECTIFY_ISA=${isa})
      target_compile_options(rectify_${name}_${isa} PRIVATE -O3 -fno-math-errno -fno-trapping-math
                             -ffp-contract=off ${RECTIFY_ISA_FLAGS_${isa}})
      target_include_directories(rectify_${name}_${isa} PRIVATE ${PROJECT_SOURCE_DIR})
      target_sources(rectify_${name} PRIVATE $<TARGET_OBJECTS:rectify_${name}_${isa}>)
    endif()
  endforeach()
  target_include_directories(rectify_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  foreach(above ${RECTIFY_ROOMS})
    target_link_libraries(rectify_${name} PUBLIC rectify_${above})
  endforeach()
  target_link_libraries(rectify_${name} ${ROOM_LINK})
  set(RECTIFY_ROOMS ${name} ${RECTIFY_ROOMS} CACHE INTERNAL "")
endfunction()
