#pragma once

#include <concepts>
#include <cstddef>

#include "rectify/activation/activation.h"
#include "rectify/activation/math.h"

namespace rectify::activation {

/// The names, texts and numbers of a row of family.h; Row explains the fields.
struct Facts {
  std::string_view name;
  std::string_view aliases[4] = {};
  std::string_view formula;
  std::string_view derivative;
  std::string_view kink = "";
  std::string_view source;
  std::string_view onnx = "";
  ParameterInfo parameters[2] = {};
  Initialiser initialiser = Initialiser::gain_normal;
  bool rectifier = false;
  Accuracy accuracy = {};
  Varying varying = Varying::none;

  constexpr std::size_t alias_count() const {
    std::size_t n = 0;
    while (n < 4 && !aliases[n].empty()) ++n;
    return n;
  }
  constexpr std::size_t parameter_count() const {
    std::size_t n = 0;
    while (n < 2 && !parameters[n].name.empty()) ++n;
    return n;
  }
  constexpr Parameters defaults() const {
    Parameters p = {};
    for (std::size_t i = 0; i < parameter_count(); ++i) p[i] = parameters[i].value;
    return p;
  }
};

/// Whether a row has the function slope_from_output<V>(y, p).
template <class R>
concept HasSlopeFromOutput = requires(double y, const Parameters& p) {
  { R::template slope_from_output<double>(y, p) } -> std::same_as<double>;
};

/// Whether a row has the function from_output(p). A row needs it when the output tells the slope
/// for some parameters only.
template <class R>
concept HasFromOutput = requires(const Parameters& p) {
  { R::from_output(p) } -> std::same_as<bool>;
};

/// The value of Row::from_output for the row R.
template <class R> constexpr bool from_output(const Parameters& p) {
  if constexpr (HasFromOutput<R>) {
    return R::from_output(p);
  } else {
    (void)p;
    return HasSlopeFromOutput<R>;
  }
}

/// Whether a row has the function mask_slope(p). A row needs it when its derivative is 0 or 1 for
/// some parameters.
template <class R>
concept HasMaskSlope = requires(const Parameters& p) {
  { R::mask_slope(p) } -> std::same_as<bool>;
};

/// The value of Row::mask_slope for the row R.
template <class R> constexpr bool mask_slope(const Parameters& p) {
  if constexpr (HasMaskSlope<R>) {
    return R::mask_slope(p);
  } else {
    (void)p;
    return false;
  }
}

/// A list of rows, as a type.
template <class... R> struct Rows { static constexpr std::size_t count = sizeof...(R); };

}  // namespace rectify::activation
