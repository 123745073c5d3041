#pragma once

#include <string_view>

// The instruction sets that *.kernel.cpp files are built for (cmake/Rooms.cmake), widest last:
// DO(set), or DO(set, ...) with what follows.
#if defined(__x86_64__)
#define RECTIFY_FOR_EACH_ISA(DO, ...)     \
  DO(baseline __VA_OPT__(, ) __VA_ARGS__) \
  DO(avx2 __VA_OPT__(, ) __VA_ARGS__) DO(avx512 __VA_OPT__(, ) __VA_ARGS__)
#else
#define RECTIFY_FOR_EACH_ISA(DO, ...) DO(baseline __VA_OPT__(, ) __VA_ARGS__)
#endif

#define RECTIFY_DECLARE_IN_ISA(isa, ...) \
  namespace isa {                        \
  extern __VA_ARGS__;                    \
  }
#define RECTIFY_CHOOSE_ISA(isa, name) \
  if (rectify::instruction_set() == #isa) return isa::name;

/// Declares what a *.kernel.cpp file defines, in the namespace of every set.
#define RECTIFY_DECLARE_IN_EACH_ISA(...) RECTIFY_FOR_EACH_ISA(RECTIFY_DECLARE_IN_ISA, __VA_ARGS__)

/// Defines `const Type& name()`, the `const Type name` of the set in force. A *.kernel.cpp file
/// defines one in the namespace of every set.
#define RECTIFY_CHOOSE_BY_ISA(Type, name)             \
  RECTIFY_DECLARE_IN_EACH_ISA(const Type name)        \
  const Type& name() {                                \
    static const Type& chosen = []() -> const Type& { \
      RECTIFY_FOR_EACH_ISA(RECTIFY_CHOOSE_ISA, name)  \
      return baseline::name;                          \
    }();                                              \
    return chosen;                                    \
  }

namespace rectify {

/// Which of them kernels are taken from: the widest that this processor has, or the one that
/// RECTIFY_ISA in the environment asks for. Decided once, at the first call. Throws Error when
/// RECTIFY_ISA is no set, or one that this processor lacks.
std::string_view instruction_set();

/// What RECTIFY_ISA asks for: baseline, avx2, avx512 or avx512_bf16, which are kernels of avx512
/// and the processor's own rounding to bfloat16; empty where it is not set, and everything takes
/// the widest that it finds. Throws as instruction_set().
std::string_view asked_instruction_set();

/// Whether this processor loads as many vectors in a cycle as it multiplies, as AMD's do: one of
/// 512 bits or two of 256. Elsewhere, and in `baseline`, loads are what products are short of.
bool loads_as_it_multiplies();

/// Whether this processor can run code of that set, as RECTIFY_ISA names them.
bool supports(std::string_view instruction_set);

}  // namespace rectify
