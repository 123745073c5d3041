#pragma once

// ONNX models put together by hand, for what Rectify itself would never write.

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace rectify::onnx {

class ModelMaker {
 public:
  /// A model of one input of that shape (-1: any), the answer of which is called "y".
  explicit ModelMaker(const std::vector<std::int64_t>& input, std::int64_t operator_set = 17) {
    model.set_ir_version(8);
    model.add_opset_import()->set_version(operator_set);
    auto& info = *graph().add_input();
    info.set_name("x");
    auto& tensor = *info.mutable_type()->mutable_tensor_type();
    tensor.set_elem_type(::onnx::TensorProto::FLOAT);
    for (const std::int64_t extent : input) {
      auto& dim = *tensor.mutable_shape()->add_dim();
      if (extent < 0)
        dim.set_dim_param("batch");
      else
        dim.set_dim_value(extent);
    }
    graph().add_output()->set_name("y");
  }

  ::onnx::GraphProto& graph() { return *model.mutable_graph(); }

  ::onnx::NodeProto& node(const std::string& op, const std::vector<std::string>& inputs,
                          const std::vector<std::string>& outputs) {
    auto& node = *graph().add_node();
    node.set_op_type(op);
    for (const std::string& name : inputs) node.add_input(name);
    for (const std::string& name : outputs) node.add_output(name);
    return node;
  }

  ::onnx::TensorProto& floats(const std::string& name, const std::vector<std::int64_t>& extents,
                              const std::vector<float>& numbers) {
    auto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(::onnx::TensorProto::FLOAT);
    for (const std::int64_t extent : extents) tensor.add_dims(extent);
    for (const float number : numbers) tensor.add_float_data(number);
    return tensor;
  }

  void integers(const std::string& name, const std::vector<std::int64_t>& numbers) {
    auto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(::onnx::TensorProto::INT64);
    tensor.add_dims(static_cast<std::int64_t>(numbers.size()));
    for (const std::int64_t number : numbers) tensor.add_int64_data(number);
  }

  std::string bytes() const { return model.SerializeAsString(); }

  ::onnx::ModelProto model;
};

inline void set_integers(::onnx::NodeProto& node, const std::string& name,
                         const std::vector<std::int64_t>& values) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(::onnx::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

inline void set_integer(::onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(::onnx::AttributeProto::INT);
  attribute.set_i(value);
}

}  // namespace rectify::onnx
