#pragma once

#include <string_view>

#include "rectify/graph/window.h"
#include "rectify/onnx/reader.h"
#include "rectify/onnx/writer.h"

namespace rectify::onnx {

/// Translates kernel, strides, dilations, pads, auto_pad and ceil_mode of a node into the
/// attributes of an operator here, for images of that shape. `padding` becomes the first of
/// `preferred`, same, valid, N and NxM that means the same. Throws Unmapped if none of them does.
graph::Attributes window_attributes(const Call& call, const Shape& image,
                                    std::vector<std::int64_t> kernel, std::string_view preferred,
                                    bool dilates);

/// Sets kernel_shape, strides, dilations and pads of a node from a window.
void set_window(pb::NodeProto& node, const graph::Window& window, bool dilates);

}  // namespace rectify::onnx
