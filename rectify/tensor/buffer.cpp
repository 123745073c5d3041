#include "rectify/tensor/buffer.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify {

namespace {

constexpr std::size_t huge_page = std::size_t{1} << 21;

/// Maps huge pages of zeros, which take memory only when they are written to. Returns null when
/// there are none. `bytes` is a multiple of the size of a huge page.
void* map_pages(std::size_t bytes, bool reserved) {
  const std::size_t room = bytes + huge_page;  // the start moves up to a huge page
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | (reserved ? 0 : MAP_NORESERVE);
  void* const mapped = ::mmap(nullptr, room, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  char* const begin = static_cast<char*>(mapped);
  const std::size_t before =
      (huge_page - reinterpret_cast<std::uintptr_t>(begin) % huge_page) % huge_page;
  if (before > 0) ::munmap(begin, before);
  if (before < huge_page) ::munmap(begin + before + bytes, huge_page - before);
  ::madvise(begin + before, bytes, MADV_HUGEPAGE);
  return begin + before;
}

}  // namespace

void Buffer::Free::operator()(float* memory) const {
  if (mapped > 0)
    ::munmap(memory, mapped);
  else
    std::free(memory);
}

std::size_t Buffer::bytes(std::size_t floats) {
  const std::size_t asked = floats * sizeof(float);
  const std::size_t unit = asked >= huge_page ? huge_page : tensor_alignment;
  return (asked + unit - 1) / unit * unit;
}

Buffer::Buffer(std::size_t floats) : Buffer(floats, true) {}

Buffer::Buffer(std::size_t floats, bool reserved) : size_(floats) {
  if (floats == 0) return;
  if (floats > (std::size_t{1} << 46)) fail("a tensor of ", floats, " numbers is too large");
  const std::size_t room = bytes(floats);
  const bool large = room >= huge_page;
  void* const memory =
      large ? map_pages(room, reserved) : std::aligned_alloc(tensor_alignment, room);
  if (!memory) fail("not enough memory for ", bytes_text(static_cast<std::int64_t>(room)));
  data_ = {static_cast<float*>(memory), Free(large ? room : 0)};
  if (!large) std::memset(memory, 0, room);
}

}  // namespace rectify
