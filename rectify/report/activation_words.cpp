#include "rectify/report/activation_words.h"

#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::report {
namespace {

using activation::Row;
using activation::Varying;

/// The number with at most three digits after the point; whole numbers have none.
std::string bound(double v) {
  if (std::isinf(v)) return v > 0 ? "inf" : "-inf";
  return fixed_text(v, std::abs(v - std::round(v)) < 5e-4 ? 0 : 3);
}

/// The number with at most six digits after the point.
std::string shown(double v) { return number_text(std::round(v * 1e6) / 1e6); }

std::string accuracy_of(const Row& row) {
  std::string text = concat("value within ", number_text(row.accuracy.value), " ulp; slope within ",
                            number_text(row.accuracy.slope),
                            " ulp, or 1e-7 absolute within 0.5 of where it changes sign");
  if (!row.accuracy.note.empty()) text += concat("; ", row.accuracy.note);
  return text;
}

std::string varying_of(Varying varying) {
  switch (varying) {
    case Varying::learned:
      return "the parameter is learned, one value for each channel";
    case Varying::learnable:
      return "with learn=yes the parameter is learned, one value for each channel";
    case Varying::uniform:
      return "for each element a number is drawn from a uniform distribution";
    case Varying::normal:
      return "normal noise is drawn for each element";
    case Varying::none:
      break;
  }
  return {};
}

}  // namespace

ActivationWords::ActivationWords(const Row& row)
    : p(row.defaults()),
      properties(activation::properties(row, p)),
      left(activation::left_tail(row, p)),
      right(activation::right_tail(row, p)),
      range("[" + bound(properties.low) + ", " + bound(properties.high) + "]"),
      saturates(properties.saturates_left && properties.saturates_right ? "both"
                : properties.saturates_left                             ? "left"
                : properties.saturates_right                            ? "right"
                                                                        : "-"),
      accuracy(accuracy_of(row)),
      in_training(varying_of(row.varying)),
      onnx(row.onnx.empty() ? "a subgraph" : std::string(row.onnx)) {
  for (const activation::ParameterInfo& info : row.parameters)
    parameters.push_back(concat(info.name, " = ", shown(info.value), ", in [", shown(info.low),
                                ", ", shown(info.high), "]: ", info.meaning));
}

std::string tail_words(const activation::Tail& tail, bool left) {
  std::string text = activation::text_of(tail, left);
  if (std::isnan(tail.slope)) return text + "; the slope has no limit";
  if (std::isinf(tail.slope)) return text + (tail.slope > 0 ? "; slope to inf" : "; slope to -inf");
  return text + "; slope " + (tail.kind == activation::Tail::Kind::equals ? "" : "to ") +
         number_text(std::round(tail.slope * 1e4) / 1e4 + 0.0);
}

std::string yes(bool truth) { return truth ? "yes" : "no"; }

}  // namespace rectify::report
