#pragma once

#include <cstddef>

namespace rectify::run::cpu {

/// What a thread needs scratch memory for at the same time.
enum class ScratchUse { primitive, blocked, packed, sums, attention };

/// At least that many floats for the calling thread, until it asks for the same use again. All
/// steps of all plans share it, so that it is as large as what the largest of them needs.
float* scratch_of_thread(ScratchUse use, std::size_t floats);

}  // namespace rectify::run::cpu
