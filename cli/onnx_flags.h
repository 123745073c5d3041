#pragma once

#include "cli/arguments.h"
#include "rectify/onnx/onnx.h"

namespace rectify::cli {

/// Declares the flags for what an ONNX file leaves open.
void declare_onnx(Arguments args, onnx::ReadOptions& options);

}  // namespace rectify::cli
