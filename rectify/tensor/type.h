#pragma once

#include <cstdint>
#include <string>

#include "rectify/base/shape.h"

namespace rectify {

enum class Element { float32, int32, bfloat16 };

/// The size of one element in bytes.
constexpr std::int64_t bytes_of(Element element) { return element == Element::bfloat16 ? 2 : 4; }

/// The type of a value in a network: its shape without the batch axis, and whether it has a batch
/// axis. A dense layer's output is {1000} for each sample; its weight {784, 1000} has no batch
/// axis.
struct Type {
  Shape shape;
  bool per_sample = true;
  Element element = Element::float32;

  /// The number of elements for a batch of `batch` samples.
  std::int64_t size(std::int64_t batch) const { return shape.size() * (per_sample ? batch : 1); }
  std::int64_t bytes(std::int64_t batch) const { return size(batch) * bytes_of(element); }

  bool operator==(const Type&) const = default;
};

}  // namespace rectify
