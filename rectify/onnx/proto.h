#pragma once

#include <onnx/onnx_pb.h>

namespace rectify::onnx {

/// The ONNX project's own protobuf classes.
namespace pb = ::onnx;

}  // namespace rectify::onnx
