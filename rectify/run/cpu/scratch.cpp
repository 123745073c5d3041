#include "rectify/run/cpu/scratch.h"

#include <array>

#include "rectify/tensor/buffer.h"

namespace rectify::run::cpu {

float* scratch_of_thread(ScratchUse use, std::size_t floats) {
  thread_local std::array<Buffer, 5> all;
  Buffer& buffer = all[static_cast<std::size_t>(use)];
  if (buffer.size() < floats) {
    buffer = Buffer();  // first, so that the two are never there together
    buffer = Buffer(floats);
  }
  return buffer.data();
}

}  // namespace rectify::run::cpu
