#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/model/predictor.h"

namespace rectify::model {

/// How the next character is drawn from the network's logits.
struct Drawing {
  double temperature = 0.8;  ///< divides the logits; 0: always the likeliest character
  std::size_t top = 0;       ///< draw among this many of the likeliest; 0: among all
};

/// Throws Error unless the temperature is 0 or between 0.001 and 1000. A smaller one would overflow
/// where logits are large.
void check(const Drawing& how);

/// Continues a text with a network that was trained to predict the next character (docs/data.md,
/// text:).
class TextSampler {
 public:
  /// Throws Error if the classes of the model are not characters, if it does not answer at every
  /// place, or if its answer at a place depends on later characters. Weights as Predictor's.
  explicit TextSampler(Model model, run::WeightPrecision weights = run::WeightPrecision::fp32);

  /// Appends characters to the text. Throws Error, and appends none, if the network does not know
  /// one of them.
  void read(std::string_view text);
  /// Draws the next character and appends it to the text. The network sees the end of the text, as
  /// many characters as it has places. The n-th call draws with the n-th number of `random`. An
  /// empty text counts as the end of a line. Throws Error for a temperature out of range, and where
  /// the network's answers are not finite.
  char next(const Drawing& how, const Random& random);

 private:
  void refuse_look_ahead() const;
  std::span<const float> logits();

  Predictor predictor_;
  std::size_t classes_ = 0;
  std::vector<std::uint8_t> character_;  ///< of each class
  std::array<int, 256> class_of_{};      ///< of each character; -1: no class
  std::vector<std::size_t> text_;        ///< its last characters, as classes; one a place
  std::uint64_t drawn_ = 0;
  std::vector<float> sample_, answer_;
};

}  // namespace rectify::model
