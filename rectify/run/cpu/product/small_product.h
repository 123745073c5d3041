#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace rectify::run::cpu {

/// What is multiplied: x of rows x depth and w of depth x columns into y of rows x columns, all
/// floats. The strides are elements from a row to the next.
struct SmallProductSize {
  std::int64_t rows, depth, columns;
  std::int64_t x_stride, w_stride, y_stride;
  bool transposed = false;  ///< x is stored as depth x rows
  bool adds = false;        ///< to what y held

  auto operator<=>(const SmallProductSize&) const = default;
};

/// A product of small matrices, by code that libxsmm generates for just their size: a call costs
/// nothing beside the work, and its sums are in the order of depth.
class SmallProduct {
 public:
  /// Whether this build, this processor and this system can generate code.
  static bool available();

  /// Throws Error where no code can be made.
  explicit SmallProduct(const SmallProductSize& size);

  void run(const float* x, const float* w, float* y) const {
    for (std::int64_t c = 0; c < whole_; c += panel) panel_(w + c, x, y + c);
    if (rest_) rest_(w + whole_, x, y + whole_);
  }

  using Code = void (*)(const float* w, const float* x, float* y);

 private:
  /// Columns done at once: rows of w so wide are kept in registers and in the first cache.
  static constexpr std::int64_t panel = 64;

  std::int64_t whole_ = 0;  ///< columns of whole panels
  Code panel_ = nullptr, rest_ = nullptr;
};

/// Where a term of a SummedProduct finds its factors: elements behind the addresses given.
struct ProductTerm {
  std::int64_t x, w;
};

/// The sum of the products of small matrices of one size, in the order of its terms, as
/// SmallProduct. At most `most_columns`.
class SummedProduct {
 public:
  static constexpr std::int64_t most_columns = 64;

  /// Throws Error where no code can be made.
  SummedProduct(const SmallProductSize& size, const std::vector<ProductTerm>& terms);

  void run(const float* x, const float* w, float* y) const {
    code_(w, x, y, &count_, w_.data(), x_.data());
  }

  using Offset = unsigned long long;  ///< in bytes, as libxsmm counts them
  using Code = void (*)(const float* w, const float* x, float* y, const Offset* count,
                        const Offset* of_w, const Offset* of_x);

 private:
  Code code_ = nullptr;
  Offset count_;
  std::vector<Offset> w_, x_;
};

}  // namespace rectify::run::cpu
