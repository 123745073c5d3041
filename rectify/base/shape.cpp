#include "rectify/base/shape.h"

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify {

std::int64_t Shape::size() const {
  std::int64_t product = 1;
  for (std::int64_t extent : extents_) product *= extent;
  return product;
}

std::string Shape::text() const {
  if (extents_.empty()) return "scalar";
  std::string out;
  for (std::int64_t extent : extents_) {
    if (!out.empty()) out += 'x';
    out += std::to_string(extent);
  }
  return out;
}

Shape parse_shape(const std::string& text) {
  constexpr std::int64_t largest = std::int64_t{1} << 40;
  std::vector<std::int64_t> extents;
  std::int64_t product = 1;
  for (const std::string& part : split(text, 'x')) {
    const auto extent = parse_integer(part);
    if (!extent || *extent <= 0)
      fail("shape '", text, "': '", part, "' is not a positive whole number; write 784 or 28x28x1");
    if (*extent > largest / product) fail("shape '", text, "' has more than 2^40 elements");
    product *= *extent;
    extents.push_back(*extent);
  }
  return Shape(std::move(extents));
}

}  // namespace rectify
