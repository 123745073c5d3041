#include "rectify/run/cpu/product/small_product.h"

#include "rectify/base/error.h"

#if defined(RECTIFY_HAS_LIBXSMM)

#include <libxsmm_cpuid.h>
#include <libxsmm_generator.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "rectify/base/instruction_set.h"

namespace rectify::run::cpu {

namespace {

/// Most bytes of code that libxsmm writes for one product.
constexpr std::size_t most_code = std::size_t{1} << 17;

[[noreturn]] void cannot(const SmallProductSize& s, const char* why) {
  fail("cannot make code for a product of ", s.rows, "x", s.depth, " by ", s.depth, "x", s.columns,
       ": ", why);
}

/// libxsmm counts by columns: its A is our w, its B our x.
const libxsmm_gemm_descriptor* describe(const SmallProductSize& s, bool summed,
                                        libxsmm_descriptor_blob& blob) {
  const auto number = [](std::int64_t n) { return static_cast<libxsmm_blasint>(n); };
  const int flags = (s.transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE) |
                    (summed ? LIBXSMM_GEMM_FLAG_BATCH_REDUCE_OFFSET : LIBXSMM_GEMM_FLAG_NONE);
  return libxsmm_sgemm_descriptor_init(&blob, number(s.columns), number(s.rows), number(s.depth),
                                       number(s.w_stride), number(s.x_stride), number(s.y_stride),
                                       1, s.adds ? 1 : 0, flags, LIBXSMM_GEMM_PREFETCH_NONE);
}

/// The code, in memory of its own that is never given back.
void* generate(const SmallProductSize& s, bool summed) {
  libxsmm_descriptor_blob blob;
  const libxsmm_gemm_descriptor* const descriptor = describe(s, summed, blob);
  if (!descriptor) cannot(s, "libxsmm knows no such product");
  std::vector<std::byte> buffer(most_code);
  libxsmm_generated_code code{};
  code.generated_code = buffer.data();
  code.buffer_size = static_cast<unsigned>(buffer.size());
  code.code_type = 2;  // binary
  code.arch = instruction_set() == "avx512" ? LIBXSMM_X86_AVX512_CORE : LIBXSMM_X86_AVX2;
  libxsmm_generator_gemm_kernel(&code, descriptor);
  if (code.last_error) cannot(s, libxsmm_strerror(code.last_error));
  void* const place =
      ::mmap(nullptr, code.code_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) cannot(s, "there is no memory");
  std::memcpy(place, buffer.data(), code.code_size);
  if (::mprotect(place, code.code_size, PROT_READ | PROT_EXEC) != 0)
    cannot(s, "the system does not let generated code run");
  return place;
}

/// The code of a SmallProduct or, `summed`, of a SummedProduct, made once.
void* made(const SmallProductSize& size, bool summed) {
  static std::mutex mutex;
  static std::map<std::pair<SmallProductSize, bool>, void*> codes;
  const std::lock_guard lock(mutex);
  void*& code = codes[{size, summed}];
  if (!code) code = generate(size, summed);
  return code;
}

SmallProduct::Code code_of(const SmallProductSize& size) {
  return reinterpret_cast<SmallProduct::Code>(made(size, false));
}

}  // namespace

bool SmallProduct::available() {
  static const bool is = [] {
    if (instruction_set() == "baseline") return false;
    try {
      code_of({1, 1, 16, 1, 16, 16});
      return true;
    } catch (const Error&) {
      return false;
    }
  }();
  return is;
}

SmallProduct::SmallProduct(const SmallProductSize& size) : whole_(size.columns / panel * panel) {
  SmallProductSize part = size;
  part.columns = panel;
  if (whole_ > 0) panel_ = code_of(part);
  part.columns = size.columns - whole_;
  if (part.columns > 0) rest_ = code_of(part);
}

SummedProduct::SummedProduct(const SmallProductSize& size, const std::vector<ProductTerm>& terms)
    : code_(reinterpret_cast<Code>(made(size, true))), count_(terms.size()) {
  if (size.columns > most_columns) cannot(size, "too many columns");
  const auto bytes = [](std::int64_t n) { return static_cast<Offset>(n) * sizeof(float); };
  for (const ProductTerm& term : terms) w_.push_back(bytes(term.w)), x_.push_back(bytes(term.x));
}

}  // namespace rectify::run::cpu

#else

namespace rectify::run::cpu {

bool SmallProduct::available() { return false; }

SmallProduct::SmallProduct(const SmallProductSize&) {
  fail("this build has no generator of code for small products");
}

SummedProduct::SummedProduct(const SmallProductSize&, const std::vector<ProductTerm>&) {
  fail("this build has no generator of code for small products");
}

}  // namespace rectify::run::cpu

#endif
