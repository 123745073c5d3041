#pragma once

#include <string_view>

// The instruction sets that *.kernel.cpp files are built for (cmake/Rooms.cmake), widest last.
#if defined(__x86_64__)
#define RECTIFY_FOR_EACH_ISA(DO) DO(baseline) DO(avx2) DO(avx512)
#else
#define RECTIFY_FOR_EACH_ISA(DO) DO(baseline)
#endif

namespace rectify {

/// The widest of them that this processor has; RECTIFY_ISA in the environment asks for a narrower
/// one. Decided once, at the first call.
std::string_view instruction_set();

/// Whether this processor can run code built for that set.
bool supports(std::string_view instruction_set);

}  // namespace rectify
