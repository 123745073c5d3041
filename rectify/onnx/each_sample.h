#pragma once

#include <cstdint>

#include "rectify/onnx/onnx.h"

namespace rectify::onnx {

/// Whether a network for one sample answers to each of `samples` samples what `all`, the same model
/// for that many at once, answers to them. Both are run on drawn numbers.
bool same_for_each(const Network& one, const Network& all, std::int64_t samples);

}  // namespace rectify::onnx
