#pragma once

#include <filesystem>
#include <string>

#include "rectify/model/model.h"
#include "rectify/onnx/onnx.h"

namespace rectify::model {

/// The model that an ONNX file called `name` describes. A file that Rectify did not write says no
/// loss: it counts as a classifier of classes 0, 1, ... under softmax_cross_entropy if the network
/// ends in several numbers, and as a regression if it ends in one number or in an image. Throws
/// Error if the network takes several inputs, or if its answer lies in another order here than in
/// ONNX.
Model from_network(onnx::Network network, const std::string& name);

/// The same model for ONNX; what ONNX cannot express, such as the loss, goes into its metadata.
onnx::Network to_network(const Model& model);

/// Writes the model as an ONNX file that is known to work: before it is written, it is read back
/// and answers to a few drawn samples beside the model. Throws Error, which says how far the
/// answers are apart, if they are not the same up to rounding; then nothing is written.
void save_onnx(const std::filesystem::path& path, const Model& model);

}  // namespace rectify::model
