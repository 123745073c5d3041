#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rectify {

/// The extents of a tensor, outermost first (row-major, channels last). An empty shape is a scalar.
///
///     const Shape image{28, 28, 1};
///     image.size();                        // 784
///     parse_shape("28x28x1") == image;     // true
///     image.text();                        // "28x28x1"
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> extents) : extents_(extents) {}
  explicit Shape(std::vector<std::int64_t> extents) : extents_(std::move(extents)) {}

  std::size_t rank() const { return extents_.size(); }
  std::int64_t operator[](std::size_t axis) const { return extents_[axis]; }
  std::int64_t back() const { return extents_.back(); }
  const std::vector<std::int64_t>& extents() const { return extents_; }

  /// The number of elements: the product of the extents; 1 for a scalar.
  std::int64_t size() const;

  /// The text form: `28x28x1`; `scalar` for the empty shape.
  std::string text() const;

  bool operator==(const Shape&) const = default;

 private:
  std::vector<std::int64_t> extents_;
};

/// Reads `784` or `28x28x1`. Throws Error when an extent is missing, not a positive whole number,
/// or when the product does not fit in 2^40 elements.
Shape parse_shape(const std::string& text);

}  // namespace rectify
