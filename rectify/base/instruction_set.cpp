#include "rectify/base/instruction_set.h"

#include <cstdlib>
#include <string>

#include "rectify/base/bfloat16.h"
#include "rectify/base/error.h"

namespace rectify {

namespace {

constexpr std::string_view with_bfloat16 = "avx512_bf16";

/// What RECTIFY_ISA may be, narrowest first.
constexpr std::string_view known_sets[] = {
#define RECTIFY_NAME(isa) #isa,
    RECTIFY_FOR_EACH_ISA(RECTIFY_NAME)
#undef RECTIFY_NAME
#if defined(__x86_64__)
        with_bfloat16,
#endif
};

std::string_view environment() {
  const char* const asked = std::getenv("RECTIFY_ISA");
  return asked ? asked : "";
}

std::string_view checked(std::string_view asked) {
  if (asked.empty()) return {};
  std::string here;
  for (const std::string_view set : known_sets) {
    if (!supports(set)) continue;
    if (set == asked) return set;
    here += concat(here.empty() ? "" : ", ", set);
  }
  fail("RECTIFY_ISA asks for '", asked, "', which this processor cannot run; it has ", here);
}

}  // namespace

const bool rounds_by_instruction = [] {
  const std::string_view asked = environment();
  return (asked.empty() || asked == with_bfloat16) && supports(with_bfloat16);
}();

bool supports(std::string_view set) {
  if (set == "baseline") return true;
#if defined(__x86_64__)
  if (set == "avx2") return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (set == "avx512")
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  if (set == with_bfloat16) return supports("avx512") && __builtin_cpu_supports("avx512bf16");
#endif
  return false;
}

bool loads_as_it_multiplies() {
#if defined(__x86_64__)
  static const bool does = instruction_set() != "baseline" && __builtin_cpu_is("amd");
  return does;
#else
  return false;
#endif
}

std::string_view asked_instruction_set() {
  static const std::string_view asked = checked(environment());
  return asked;
}

std::string_view instruction_set() {
  static const std::string_view chosen = [] {
    const std::string_view asked = asked_instruction_set();
    std::string_view widest = "baseline";
#define RECTIFY_CONSIDER(isa)        \
  if (supports(#isa)) widest = #isa; \
  if (asked == #isa) return widest;
    RECTIFY_FOR_EACH_ISA(RECTIFY_CONSIDER)
#undef RECTIFY_CONSIDER
    return widest;
  }();
  return chosen;
}

}  // namespace rectify
