#pragma once

#include <cstddef>
#include <string_view>

namespace rectify::onnx {

/// What protobuf reads at most.
inline constexpr std::size_t most_bytes = 0x7fffffff;

/// Throws Error for bytes that are no protobuf message, or whose messages are so many and so small
/// that reading them would take far more memory than the file has bytes. Only tags and lengths are
/// looked at.
void check_wire(std::string_view bytes);

}  // namespace rectify::onnx
