#pragma once

#include <array>
#include <cstddef>

namespace rectify::run::cpu {

/// What a step needs scratch memory for at the same time. Those before `packed` are needed on every
/// thread that takes a tile, the others on the thread that runs the step.
enum class ScratchUse {
  primitive,
  blocked,
  patches,
  weight,
  attention,
  states,
  widened,
  turned,
  marks,
  block,
  tile,
  passing,
  packed,
  sums,
  pairs,
  entries
};
inline constexpr std::size_t scratch_uses = static_cast<std::size_t>(ScratchUse::entries) + 1;

/// At least that many floats for the calling thread, until it asks for the same use again. All
/// steps of all plans share it, so that it is as large as what the largest of them needs. Who makes
/// a step that will ask says so by announce_scratch().
float* scratch_of_thread(ScratchUse use, std::size_t floats);

/// Bytes of scratch memory that the calling thread has.
std::size_t scratch_bytes_of_thread();

/// While it lives, hears what the calling thread announces.
class ScratchLog {
 public:
  ScratchLog();
  ~ScratchLog();
  ScratchLog(const ScratchLog&) = delete;
  ScratchLog& operator=(const ScratchLog&) = delete;

  /// Bytes that the announced steps take together on so many threads.
  std::size_t bytes(int threads) const;

 private:
  friend void announce_scratch(ScratchUse use, std::size_t floats);
  std::array<std::size_t, scratch_uses> most_{};
  ScratchLog* before_;
};

/// A step that was just made will ask for that much.
void announce_scratch(ScratchUse use, std::size_t floats);

}  // namespace rectify::run::cpu
