#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rectify::data {

/// A point that the pen passes through, x to the right and y down, in hundredths of the height of a
/// digit. The path between knots is a smooth curve, except that it may turn sharply at a corner.
struct Knot {
  std::int32_t x = 0;
  std::int32_t y = 0;
  bool corner = false;
};

/// From where the pen touches the paper to where it leaves it; two knots at least.
using Stroke = std::vector<Knot>;

/// One way of writing a character. People write it this way in `weight` of the cases, relative to
/// the weights of the other ways.
struct Variant {
  std::int32_t weight = 1;
  std::vector<Stroke> strokes;
};

/// A character and the ways of writing it; one class of the data.
struct Glyph {
  std::string name;
  std::vector<Variant> variants;
};

/// The ten digits, "0" to "9".
std::vector<Glyph> digit_glyphs();

/// The letters "A" to "Z", and "a" to "z".
std::vector<Glyph> capital_glyphs();
std::vector<Glyph> small_glyphs();

}  // namespace rectify::data
