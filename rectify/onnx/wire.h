#pragma once

#include <cstddef>
#include <string_view>

namespace rectify::onnx {

/// The most bytes that protobuf reads.
inline constexpr std::size_t most_bytes = 0x7fffffff;

/// Throws Error for bytes that are not a protobuf message, and for so many small messages that
/// reading them would take far more memory than the file has bytes. Reads only tags and lengths.
void check_wire(std::string_view bytes);

}  // namespace rectify::onnx
