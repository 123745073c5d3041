#pragma once

#include <cstdint>
#include <span>

#include "rectify/data/glyphs/shapes.h"
#include "rectify/data/glyphs/writer.h"

namespace rectify::data {

/// Distorts a written character as Bengio et al. 2011 did ("Deep learners benefit more from
/// out-of-distribution examples"; the steps are in Bastien et al. 2010, arXiv:1009.3589, section
/// 2): pinch, motion blur, occlusion, smoothing, exchanged pixels, noise, background, salt and
/// pepper, scratches, contrast and polarity. Order and ranges are in docs/data.md. `complexity` is
/// this sample's complexity in 1/1024, from 0 to 1024. `others` are the characters that may cover
/// this one.
void distort(Canvas& ink, std::span<const Glyph> others, std::int64_t complexity, Draws& draws);

}  // namespace rectify::data
