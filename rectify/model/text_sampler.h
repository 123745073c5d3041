#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/model/predictor.h"

namespace rectify::model {

/// How the next character is drawn from what the network says of each.
struct Drawing {
  double temperature = 0.8;  ///< divides the logits; 0 takes the likeliest character
  std::size_t top = 0;       ///< only the likeliest so many; 0 is all
};

/// Goes on with a text by a network that was trained to predict the next character (data.md,
/// text:).
class TextSampler {
 public:
  /// Throws Error for a model whose classes are not characters, that does not answer for every
  /// place, or whose answer at a place depends on the characters behind it.
  explicit TextSampler(Model model);

  /// Characters that come before those of next(). Throws Error for one that the network does not
  /// know, without having read any.
  void read(std::string_view text);
  /// The character after all that were read and drawn, of which the network sees as many of the
  /// last as it has places; the n-th is drawn with the n-th number of `random`. Before anything was
  /// read, the character after a line's end.
  char next(const Drawing& how, const Random& random);

 private:
  void refuse_look_ahead() const;
  std::span<const float> logits();

  Predictor predictor_;
  std::size_t classes_ = 0;
  std::vector<std::uint8_t> character_;  ///< of a class
  std::array<int, 256> class_of_{};      ///< of a character; -1 where there is none
  std::vector<std::size_t> text_;        ///< as classes; at most as many as the network sees
  std::uint64_t drawn_ = 0;
  std::vector<float> sample_, answer_;
};

}  // namespace rectify::model
