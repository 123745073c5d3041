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

/// What a valid model holds that has no counterpart here; its text names the node and its operator.
class Unmapped : public Error {
 public:
  using Error::Error;
};

/// A network as an ONNX model says it.
struct Network {
  graph::Graph graph;     ///< its inputs are labelled "input", or, where they are several, by name
  pass::Numbers numbers;  ///< of all parameters and states
  data::Normalisation normalisation;
  std::map<std::string, std::string>
      metadata;  ///< what else Rectify writes: "loss", "classes", ...
  /// How the axes of the inputs and of the answer, as ONNX has them, lie in ours (of a sample).
  std::vector<View> inputs;
  View answer;
};

/// Whether a file of that name is one: it ends in .onnx.
bool is_onnx(const std::filesystem::path& path);

/// Reads a model of operator sets 1 to 22. Images, which ONNX has channels first, come to be
/// channels last. Throws Error for a file that is none or is broken, Unmapped where an operator is
/// not known here or does what no operator of ours does.
Network load(const std::filesystem::path& path);

/// The same from the bytes of a file called `name`, whose external data, if there are any, are
/// files in `folder`; none are read without one.
Network decode(std::string_view bytes, const std::string& name,
               const std::filesystem::path& folder = {});

/// The bytes of a model of operator set 17 with a dynamic batch, which the ONNX project's checker
/// accepts. Training is left out: dropout lets all through, batch_norm uses its running statistics.
/// The inputs are as they come, before normalisation; the answers in the targets' own units.
std::string encode(const Network& network);
void save(const std::filesystem::path& path, const Network& network);

}  // namespace rectify::onnx
