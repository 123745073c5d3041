#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "rectify/base/bfloat16.h"
#include "rectify/base/error.h"
#include "rectify/tensor/type.h"

namespace rectify::run {

/// "float32": as errors name it.
constexpr std::string_view name_of(Element element) {
  switch (element) {
    case Element::float32:
      return "float32";
    case Element::int32:
      return "int32";
    case Element::bfloat16:
      return "bfloat16";
  }
  return "an unknown element";
}

/// The element whose C++ type is T.
template <class T>
constexpr Element element_of() {
  using Number = std::remove_const_t<T>;
  static_assert(std::is_same_v<Number, float> || std::is_same_v<Number, std::int32_t> ||
                    std::is_same_v<Number, bfloat16>,
                "no value in a network has elements of this type");
  if constexpr (std::is_same_v<Number, bfloat16>) return Element::bfloat16;
  if constexpr (std::is_same_v<Number, std::int32_t>) return Element::int32;
  return Element::float32;
}

/// Where a value's elements are: bytes of a backend's memory, and what they are. It owns nothing.
///
///     Storage labels = ...;                              // 128 of int32
///     std::int32_t* first = labels.as<std::int32_t>();
///     labels.as<float>();                                // throws Error
struct Storage {
  std::byte* data = nullptr;  ///< null: nowhere, as a value that goes to a sink
  Element element = Element::float32;
  std::size_t count = 0;  ///< of elements

  std::size_t bytes() const { return count * static_cast<std::size_t>(bytes_of(element)); }

  /// The first element. Throws Error, naming both, when the elements are not of type T.
  template <class T>
  T* as() const {
    if (element != element_of<T>())
      fail("a value of ", name_of(element), " was asked for as ", name_of(element_of<T>()));
    return reinterpret_cast<T*>(data);
  }
};

/// The memory of that many floats.
inline Storage storage_of(float* data, std::size_t count) {
  return {reinterpret_cast<std::byte*>(data), Element::float32, count};
}

}  // namespace rectify::run
