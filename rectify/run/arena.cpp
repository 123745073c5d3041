#include "rectify/run/arena.h"

namespace rectify::run {

std::shared_ptr<Arena> Arena::unreserved() {
  auto arena = std::make_shared<Arena>();
  arena->reserved_ = false;
  return arena;
}

std::byte* Arena::reserve(std::size_t wanted) {
  if (blocks_.empty() || wanted > blocks_.back().floats)
    blocks_.push_back({backend_.allocate(wanted * sizeof(float), reserved_), wanted});
  return blocks_.back().memory.get();
}

}  // namespace rectify::run
