#pragma once

#include <onnx/onnx_pb.h>

#include <string_view>

namespace rectify::onnx {

/// The ONNX project's own protobuf classes.
namespace pb = ::onnx;

/// What our own files name as their producer.
inline constexpr std::string_view our_producer = "rectify";

}  // namespace rectify::onnx
