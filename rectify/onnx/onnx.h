#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/data/dataset.h"
#include "rectify/graph/graph.h"
#include "rectify/onnx/view.h"
#include "rectify/pass/fold.h"

namespace rectify::onnx {

/// Thrown for a valid model with something that has no counterpart here. The text names the node
/// and its operator.
class Unmapped : public Error {
 public:
  using Error::Error;
};

/// Thrown for an input with an extent that is not fixed. ReadOptions fix it.
class OpenExtent : public Unmapped {
 public:
  using Unmapped::Unmapped;
};

/// What a model does not say itself.
///
///     Network network = load("detector.onnx", {.shape = "1x3x320x320", .output = "boxes"});
struct ReadOptions {
  /// The extents of the input in ONNX's order, with or without the batch: `1x3x320x320` or
  /// `3x320x320`; of several inputs by their names: `image=3x320x320,scale=1`. Empty: as they are.
  std::string shape = {};
  /// The output that is the answer. Empty: the only one; of several the first of floats.
  std::string output = {};
  /// The shape of a sample here, which fixes what `shape` leaves open. Of rank 0: unknown.
  Shape sample = {};
  /// Whether a model of several inputs becomes a network of one, whose samples are all of them, one
  /// after the other. In the general way it always does.
  bool join_inputs = false;
};

/// A network with everything that an ONNX model says about it.
///
///     Network network = load("resnet20.onnx");
///     std::printf("%s\n", graph::model_text(network.graph).c_str());
///     save("copy.onnx", network);
struct Network {
  graph::Graph graph;     ///< its inputs are labelled "input", or, where they are several, by name
  pass::Numbers numbers;  ///< of all parameters and states
  data::Normalisation normalisation;
  std::map<std::string, std::string>
      metadata;  ///< what else Rectify writes: "loss", "classes", ...
  /// How the ONNX axes of one sample of each input, and of the answer, lie in the axes here.
  std::vector<View> inputs;
  View answer;
  std::string output;  ///< the name of the answer in ONNX, where there are several outputs
};

/// Whether the name of a file ends in .onnx.
bool is_onnx(const std::filesystem::path& path);

/// Reads a model of operator sets 1 to 24. Images, which are channels first in ONNX, become
/// channels last. Layers become those of the family, which can be trained further; a model with
/// anything else is read for one sample at a time, by operators that run forward only. Throws Error
/// for a file that is damaged or not an ONNX model. Throws Unmapped for an operator that is unknown
/// here, or that does something no operator here does.
Network load(const std::filesystem::path& path, const ReadOptions& options = {});

/// The same from the bytes of a file called `name`. External data are read from files in `folder`;
/// without a folder no external data are read.
Network decode(std::string_view bytes, const std::string& name,
               const std::filesystem::path& folder = {}, const ReadOptions& options = {});

/// encode() returns the bytes of a model of operator set 17 with a dynamic batch, checked by the
/// ONNX project's checker and its inference of shapes; save() writes them. The model is for
/// inference: dropout does nothing, batch_norm uses its running statistics. It takes inputs before
/// normalisation, and answers in the units of the targets.
std::string encode(const Network& network);
void save(const std::filesystem::path& path, const Network& network);

}  // namespace rectify::onnx
