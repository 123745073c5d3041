#include "rectify/tensor/buffer.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify {

void Buffer::Free::operator()(float* memory) const { std::free(memory); }

Buffer::Buffer(std::size_t floats) : size_(floats) {
  constexpr std::size_t huge_page = std::size_t{1} << 21;
  if (floats == 0) return;
  if (floats > (std::size_t{1} << 46)) fail("a tensor of ", floats, " numbers is too large");
  const std::size_t asked = floats * sizeof(float);
  const std::size_t alignment = asked >= huge_page ? huge_page : tensor_alignment;
  const std::size_t bytes = (asked + alignment - 1) / alignment * alignment;
  data_.reset(static_cast<float*>(std::aligned_alloc(alignment, bytes)));
  if (!data_) fail("not enough memory for ", bytes_text(static_cast<std::int64_t>(bytes)));
  if (alignment == huge_page) ::madvise(data_.get(), bytes, MADV_HUGEPAGE);
  std::memset(data_.get(), 0, bytes);
}

}  // namespace rectify
