#pragma once

#include <cstdint>
#include <string>

#include "rectify/base/shape.h"

namespace rectify {

enum class Element { float32, int32, bfloat16 };

/// Bytes of one.
constexpr std::int64_t bytes_of(Element element) { return element == Element::bfloat16 ? 2 : 4; }

/// What a value in a network is: its shape without the batch axis, and whether it has one. A dense
/// layer's output is {1000} per sample; its weight {784, 1000} is not per sample.
struct Type {
  Shape shape;
  bool per_sample = true;
  Element element = Element::float32;

  /// Elements for a batch of that many samples.
  std::int64_t size(std::int64_t batch) const { return shape.size() * (per_sample ? batch : 1); }
  std::int64_t bytes(std::int64_t batch) const { return size(batch) * bytes_of(element); }

  bool operator==(const Type&) const = default;
};

}  // namespace rectify
