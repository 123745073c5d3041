#include "rectify/base/instruction_set.h"

#include <cstdlib>

#include "rectify/base/bfloat16.h"

namespace rectify {

const bool rounds_by_instruction = [] {
#if defined(__x86_64__)
  if (!std::getenv("RECTIFY_ISA")) return __builtin_cpu_supports("avx512bf16") != 0;
#endif
  return false;
}();

bool supports(std::string_view set) {
  if (set == "baseline") return true;
#if defined(__x86_64__)
  if (set == "avx2") return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (set == "avx512")
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#endif
  return false;
}

std::string_view instruction_set() {
  static const std::string_view chosen = [] {
    const char* asked = std::getenv("RECTIFY_ISA");
    std::string_view widest = "baseline";
#define RECTIFY_CONSIDER(isa)        \
  if (supports(#isa)) widest = #isa; \
  if (asked && std::string_view(asked) == #isa) return widest;
    RECTIFY_FOR_EACH_ISA(RECTIFY_CONSIDER)
#undef RECTIFY_CONSIDER
    return widest;
  }();
  return chosen;
}

}  // namespace rectify
