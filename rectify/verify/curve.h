#pragma once

#include <vector>

#include "rectify/activation/activation.h"

namespace rectify::verify {

/// Two lines that a curve lies between, in a range of x.
struct CurveLines {
  double low_slope = 0, low_offset = 0, high_slope = 0, high_offset = 0;
};

/// A smooth activation, such as sigmoid, as bounds see it. It is convex or concave between its
/// bends, so that lines, and the range of its slope, follow from a few places.
///
/// Lines and values hold for the float32 kernel too, whose error the row of the family states.
class Curve {
 public:
  /// Throws Error for a row whose value jumps, or with more bends than are followed here.
  Curve(const activation::Row& row, const activation::Parameters& p);

  double value(double x) const { return row_.value(x, p_); }
  double slope(double x) const { return row_.slope(x, p_); }
  /// Bounds of the values, and of the slopes, for x from low to high.
  activation::Interval values(double low, double high) const { return values_({low, high}); }
  activation::Interval slopes(double low, double high) const;
  CurveLines lines(double low, double high) const;
  /// The largest size of the slope within 256 of 0.
  double steepest() const;
  /// How far the float32 kernel may be off where x is from low to high.
  double error(double low, double high) const;

 private:
  /// Bounds of value(x) - k x.
  activation::Interval over_line(double k, double low, double high) const;

  const activation::Row& row_;
  activation::Parameters p_;
  activation::Bounds values_;
  std::vector<double> bends_;  ///< where the slope turns or jumps, ascending
};

}  // namespace rectify::verify
