#pragma once

#include <filesystem>
#include <string>

#include "rectify/model/model.h"
#include "rectify/onnx/onnx.h"

namespace rectify::model {

/// A model of what an ONNX file called `name` says. Where Rectify did not write it, it counts as a
/// classifier of classes 0, 1, ... under softmax_cross_entropy if it ends in several numbers, as a
/// regression if in one or in an image. Throws Error where the network takes several inputs, or its
/// answer lies in another order here than in ONNX.
Model from_network(onnx::Network network, const std::string& name);

/// The same model for ONNX; what ONNX has no words for goes into its metadata.
onnx::Network to_network(const Model& model);

}  // namespace rectify::model
