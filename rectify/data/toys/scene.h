#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rectify/data/toys/studio.h"

namespace rectify::data {

enum class ToyVariant { plain, cluttered };

/// What a sample shows and how it was taken. In a plain sample only the first five vary.
struct Scene {
  static constexpr int no_toy = 5;  ///< the category of pictures without a toy
  int category = 0;
  int instance = 0;   ///< 0 to 9
  int elevation = 0;  ///< 0 to 8: 30 degrees and 5 more for each
  int azimuth = 0;    ///< 0 to 17: times 20 degrees
  int light = 0;
  int shift_x = 0, shift_y = 0;  ///< in 1/96 of the picture's width; to the right, downwards
  int brightness = 0;            ///< added to the toy's levels of 0 to 255
  double contrast = 1;           ///< of the toy's levels around the middle
  double scale = 1;
  double rotation = 0;  ///< degrees
};

/// The samples of one split: which toys, in which order, seen how. A sample depends only on seed,
/// split and position.
class ToySplit {
 public:
  ToySplit(ToyVariant variant, bool train, std::uint64_t seed);

  /// Views of all five instances of a category: 5 x 9 elevations x 18 azimuths x 6 lights.
  static constexpr std::size_t views = 4860;

  Scene scene(std::size_t sample) const;
  std::size_t classes() const { return variant_ == ToyVariant::plain ? 5 : 6; }
  ToyVariant variant() const { return variant_; }
  bool train() const { return train_; }
  std::uint64_t seed() const { return seed_; }

 private:
  ToyVariant variant_;
  bool train_;
  std::uint64_t seed_;
  std::vector<std::vector<std::uint16_t>> order_;  ///< of each category's views
};

/// The instances of the split, as NORB has them: 4, 6, 7, 8, 9 for training; 0, 1, 2, 3, 5 for
/// test.
int toy_instance(bool train, std::size_t which);

/// The classes, in the order of NORB's numbers: animal, human, airplane, truck, car, nothing.
std::vector<std::string> toy_class_names(ToyVariant variant);

}  // namespace rectify::data
