#include "rectify/run/cpu/onednn.h"

#include <cstdlib>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/base/instruction_set.h"
#include "rectify/run/backend.h"

namespace rectify::run {

namespace {

/// An instruction set as RECTIFY_ISA names it, and what is oneDNN's share of it.
struct Share {
  std::string_view set;
  dnnl::cpu_isa isa;
};
constexpr Share shares[] = {{"baseline", dnnl::cpu_isa::sse41},
                            {"avx2", dnnl::cpu_isa::avx2},
                            {"avx512", dnnl::cpu_isa::avx512_core},
                            {"avx512_bf16", dnnl::cpu_isa::avx512_core_bf16}};

/// oneDNN's sets as --version names them, each with those before it; without those that are for
/// whole numbers alone.
constexpr Share names[] = {{"SSE4.1", dnnl::cpu_isa::sse41},
                           {"AVX", dnnl::cpu_isa::avx},
                           {"AVX2", dnnl::cpu_isa::avx2},
                           {"AVX-512", dnnl::cpu_isa::avx512_core},
                           {"AVX-512 BF16", dnnl::cpu_isa::avx512_core_bf16},
                           {"AMX", dnnl::cpu_isa::avx512_core_amx}};

/// Whether the person has told oneDNN itself, by either of the names that it reads.
bool has_own_limit() {
  for (const char* const name : {"ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"})
    if (const char* const value = std::getenv(name); value && *value) return true;
  return false;
}

void limit() {
#if defined(__x86_64__)
  const std::string_view asked = asked_instruction_set();
  if (asked.empty() || has_own_limit()) return;
  for (const Share& share : shares)
    if (share.set == asked && dnnl::set_max_cpu_isa(share.isa) != dnnl::status::success)
      fail("RECTIFY_ISA asks for '", asked,
           "', but oneDNN is not to be held to that: this program "
           "has used it before, or it was built so; set ONEDNN_MAX_CPU_ISA as well");
#endif
}

}  // namespace

namespace cpu {

void limit_onednn() { [[maybe_unused]] static const bool once = (limit(), true); }

bool onednn_uses(dnnl::cpu_isa isa) {
  limit_onednn();
  // The value of an instruction set is a bit for each that it includes.
  const auto wanted = static_cast<unsigned>(isa);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & wanted) == wanted;
}

}  // namespace cpu

std::string_view onednn_instruction_set() {
  std::string_view widest = "no instruction set of its own choice";
  for (const Share& name : names)
    if (cpu::onednn_uses(name.isa)) widest = name.set;
  return widest;
}

std::string onednn_version() {
  const dnnl_version_t* version = dnnl_version();
  return concat(version->major, ".", version->minor, ".", version->patch);
}

}  // namespace rectify::run
