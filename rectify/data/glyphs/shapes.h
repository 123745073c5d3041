#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rectify::data {

/// A point that the pen passes through, in hundredths of the height of a digit; x goes to the
/// right, y goes down. The path between knots is a smooth curve, but may turn sharply at a corner.
struct Knot {
  std::int32_t x = 0;
  std::int32_t y = 0;
  bool corner = false;
};

/// The knots from where the pen touches the paper to where it leaves it; at least two.
using Stroke = std::vector<Knot>;

/// One way of writing a character. Its probability is `weight` divided by the
/// sum of the weights of all ways.
struct Variant {
  std::int32_t weight = 1;
  std::vector<Stroke> strokes;
};

/// A character and all ways of writing it; one class of the data.
struct Glyph {
  std::string name;
  std::vector<Variant> variants;
};

/// The ten digits, "0" to "9".
std::vector<Glyph> digit_glyphs();

/// The letters "A" to "Z", and the letters "a" to "z".
std::vector<Glyph> capital_glyphs();
std::vector<Glyph> small_glyphs();

}  // namespace rectify::data
