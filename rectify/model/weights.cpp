#include "rectify/model/weights.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/data/formats/npy.h"
#include "rectify/data/formats/zip.h"
#include "rectify/onnx/onnx.h"

namespace rectify::model {

namespace {

using Tensors = std::map<std::string, Tensor>;

Tensors of_npz(const std::filesystem::path& path) {
  const std::string content = read_file(path), name = path.string();
  Tensors tensors;
  for (const data::ZipEntry& entry : data::zip_entries(content, name)) {
    const std::string bytes = data::unzip(content, entry, name);
    const data::Array array = data::parse_npy(bytes, "'" + name + "' " + entry.name);
    std::string label = entry.name;
    if (label.ends_with(".npy")) label.resize(label.size() - 4);
    tensors[label] = {Shape(array.extents), data::floats_of(array)};
  }
  return tensors;
}

Tensors of_onnx(const std::filesystem::path& path) {
  const onnx::Network network = onnx::load(path);
  Tensors tensors;
  for (const auto& [node, numbers] : network.numbers) {
    const graph::Node& parameter = network.graph.node(node);
    tensors[parameter.label] = {parameter.type.shape, numbers};
  }
  return tensors;
}

}  // namespace

Tensors named_tensors(const std::filesystem::path& path) {
  if (path.extension() == ".npz") return of_npz(path);
  if (onnx::is_onnx(path)) return of_onnx(path);
  return load(path).tensors;
}

std::vector<std::string> take_weights(const std::filesystem::path& path,
                                      const run::ParameterLayout& layout, float* parameters) {
  const Tensors tensors = named_tensors(path);
  std::vector<std::string> missing;
  for (const run::ParameterSlot& slot : layout.slots()) {
    const auto found = tensors.find(slot.label);
    if (found == tensors.end()) {
      missing.push_back(slot.label);
      continue;
    }
    if (found->second.shape != slot.shape)
      fail("'", path.string(), "': the tensor '", slot.label, "' is ", found->second.shape.text(),
           " but the model wants ", slot.shape.text());
    std::ranges::copy(found->second.values, parameters + slot.offset);
  }
  if (missing.size() == layout.slots().size())
    fail("'", path.string(),
         "' has no tensor that is called like a parameter of the model, such as '",
         missing.empty() ? "" : missing[0], "'",
         tensors.empty() ? std::string() : "; its first is '" + tensors.begin()->first + "'");
  return missing;
}

}  // namespace rectify::model
