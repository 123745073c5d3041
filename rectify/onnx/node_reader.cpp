#include "rectify/onnx/node_reader.h"

#include "rectify/onnx/constant.h"
#include "rectify/onnx/reader.h"

namespace rectify::onnx {

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
