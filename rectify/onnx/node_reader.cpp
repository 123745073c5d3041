#include "rectify/onnx/node_reader.h"

#include <cctype>

#include "rectify/onnx/constant.h"
#include "rectify/onnx/reader.h"

namespace rectify::onnx {

std::string free_label(const graph::Graph& graph, const std::string& name) {
  std::string label;
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 128)
      label += c;
    else if (!label.empty() && label.back() != '_')
      label += '_';
  const bool fits =
      !label.empty() && std::isalpha(static_cast<unsigned char>(label[0])) && label.size() <= 64;
  const bool ours = label.starts_with("d_") || label == "input" || label == "target" ||
                    label == "target_weight" || label == "loss";
  return fits && !ours && graph.find(label) < 0 ? label : std::string();
}

std::string NodeReader::where() const {
  return concat("node ", index_, " (", node.op_type(),
                node.name().empty() ? std::string() : " '" + node.name() + "'", ")");
}

const pb::AttributeProto* NodeReader::attribute(std::string_view name) const {
  for (const auto& attribute : node.attribute())
    if (attribute.name() == name) return &attribute;
  return nullptr;
}

std::int64_t NodeReader::integer(std::string_view name, std::int64_t otherwise) const {
  const pb::AttributeProto* found = attribute(name);
  return found ? found->i() : otherwise;
}

double NodeReader::number(std::string_view name, double otherwise) const {
  const pb::AttributeProto* found = attribute(name);
  return found ? tidy(found->f()) : otherwise;
}

std::string NodeReader::word(std::string_view name, std::string_view otherwise) const {
  const pb::AttributeProto* found = attribute(name);
  return found ? found->s() : std::string(otherwise);
}

std::vector<std::int64_t> NodeReader::integers(std::string_view name) const {
  const pb::AttributeProto* found = attribute(name);
  if (!found) return {};
  return {found->ints().begin(), found->ints().end()};
}

std::vector<float> NodeReader::numbers(std::string_view name) const {
  const pb::AttributeProto* found = attribute(name);
  if (!found) return {};
  return {found->floats().begin(), found->floats().end()};
}

}  // namespace rectify::onnx
