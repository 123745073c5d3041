#pragma once

#include <string_view>

#include "rectify/graph/window.h"
#include "rectify/onnx/reader.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx {

/// What kernel, strides, dilations, pads, auto_pad and ceil_mode of a node say, as attributes of
/// ours for images of that shape; `padding` is the first of `preferred`, same, valid, N and NxM
/// that means the same. Throws Unmapped where none does.
graph::Attributes window_attributes(const Call& call, const Shape& image,
                                    std::vector<std::int64_t> kernel, std::string_view preferred,
                                    bool dilates);

/// kernel_shape, strides, dilations and pads of a window.
void set_window(pb::NodeProto& node, const graph::Window& window, bool dilates);

}  // namespace rectify::onnx
