#include "rectify/onnx/writer.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "rectify/base/version.h"
#include "rectify/graph/operator.h"
#include "rectify/onnx/mapping.h"

namespace rectify::onnx {

namespace {

const Mapping* mapping_of(std::string_view op) {
  for (const Mapping* mapping : mappings())
    if (mapping->write && mapping->op == op) return mapping;
  return nullptr;
}

void set_type(pb::ValueInfoProto& info, const std::vector<std::int64_t>& extents,
              pb::TensorProto::DataType element = pb::TensorProto::FLOAT) {
  auto& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(element);
  tensor.mutable_shape()->add_dim()->set_dim_param("batch");
  for (const std::int64_t extent : extents)
    tensor.mutable_shape()->add_dim()->set_dim_value(extent);
}

/// The extents of a sample in ONNX's order.
std::vector<std::int64_t> extents_in_onnx(const Shape& shape) {
  std::vector<std::int64_t> extents = shape.extents();
  if (extents.size() == 3) std::rotate(extents.begin(), extents.begin() + 2, extents.end());
  return extents;
}

template <class Numbers>
void set_raw(pb::TensorProto& tensor, const Numbers& numbers) {
  tensor.set_raw_data(numbers.data(), numbers.size() * sizeof(numbers[0]));
}

}  // namespace

void set_integer(pb::NodeProto& node, std::string_view name, std::int64_t value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(std::string(name));
  attribute.set_type(pb::AttributeProto::INT);
  attribute.set_i(value);
}

void set_number(pb::NodeProto& node, std::string_view name, double value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(std::string(name));
  attribute.set_type(pb::AttributeProto::FLOAT);
  attribute.set_f(static_cast<float>(value));
}

void set_integers(pb::NodeProto& node, std::string_view name,
                  const std::vector<std::int64_t>& values) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(std::string(name));
  attribute.set_type(pb::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

Writer::Writer(const Network& network) : network_(network), out_(*model_.mutable_graph()) {}

std::string Writer::fresh(const std::string& stem) {
  std::string name = stem;
  for (int& i = numbers_[stem]; !taken_.insert(name).second;)
    name = stem + "_" + std::to_string(++i + 1);
  return name;
}

pb::NodeProto& Writer::append(std::string_view op, const std::vector<std::string>& inputs,
                              const std::string& label) {
  pb::NodeProto& node = *out_.add_node();
  node.set_op_type(std::string(op));
  for (const std::string& input : inputs) node.add_input(input);
  const std::string name = fresh(label);
  node.set_name(name);
  node.add_output(name);
  return node;
}

std::string Writer::add(std::string_view op, const std::vector<std::string>& inputs,
                        const std::string& label) {
  return append(op, inputs, label).output(0);
}

pb::NodeProto& Writer::append_for(graph::NodeId id, std::string_view op,
                                  const std::vector<std::string>& inputs) {
  pb::NodeProto& node = append(op, inputs, this->node(id).label);
  names_[id] = node.output(0);
  return node;
}

std::string Writer::name_last(const std::string& label) {
  pb::NodeProto& last = *out_.mutable_node(out_.node_size() - 1);
  last.set_name(fresh(label));
  last.set_output(0, last.name());
  return last.name();
}

std::string Writer::add_output(pb::NodeProto& node, const std::string& label) {
  node.add_output(fresh(label));
  return node.output(node.output_size() - 1);
}

std::string Writer::constant(const std::string& name, const std::vector<std::int64_t>& extents,
                             const std::vector<float>& numbers) {
  pb::TensorProto& tensor = *out_.add_initializer();
  tensor.set_name(fresh(name));
  tensor.set_data_type(pb::TensorProto::FLOAT);
  for (const std::int64_t extent : extents) tensor.add_dims(extent);
  set_raw(tensor, numbers);
  return tensor.name();
}

std::string Writer::constant(const std::string& name, const std::vector<std::int64_t>& numbers) {
  pb::TensorProto& tensor = *out_.add_initializer();
  tensor.set_name(fresh(name));
  tensor.set_data_type(pb::TensorProto::INT64);
  tensor.add_dims(static_cast<std::int64_t>(numbers.size()));
  set_raw(tensor, numbers);
  return tensor.name();
}

std::string Writer::scalar(double number) {
  const auto [at, added] = scalars_.try_emplace(number);
  if (added) at->second = constant("constant", {}, {static_cast<float>(number)});
  return at->second;
}

std::string Writer::shared_constant(const std::string& name,
                                    const std::vector<std::int64_t>& extents,
                                    const std::vector<float>& numbers) {
  const auto [at, added] = shared_.try_emplace(name);
  if (added) at->second = constant(name, extents, numbers);
  return at->second;
}

bool Writer::takes_ids(graph::NodeId input) const {
  const std::vector<graph::NodeId> users = graph().users(input);
  const std::vector<data::Scaling>& scalings = network_.normalisation.inputs;
  return (scalings.empty() || scalings == std::vector<data::Scaling>(1)) &&
         input != graph().result && !users.empty() &&
         std::ranges::all_of(
             users, [&](graph::NodeId user) { return node(user).op->name == "embedding"; });
}

std::int64_t Writer::rank(graph::NodeId id) const {
  return static_cast<std::int64_t>(node(id).type.shape.rank()) + 1;
}

std::int64_t Writer::channel_axis(graph::NodeId id) const {
  return rank(id) == 4 ? 1 : rank(id) - 1;
}

std::vector<std::int64_t> Writer::channel_extents(graph::NodeId id) const {
  const std::int64_t channels = graph::last_extent(graph(), id);
  if (rank(id) == 4) return {channels, 1, 1};
  return {channels};
}

std::string Writer::channels_last(graph::NodeId id, const std::string& label) {
  if (rank(id) != 4) return name(id);
  pb::NodeProto& turn = append("Transpose", {name(id)}, label + "_last");
  set_integers(turn, "perm", {0, 2, 3, 1});
  return turn.output(0);
}

void Writer::define_from_last(graph::NodeId id, const std::string& last) {
  if (rank(id) != 4) return define(id, last);
  pb::NodeProto& turn = append_for(id, "Transpose", {last});
  turn.set_name(node(id).label + "_first");
  set_integers(turn, "perm", {0, 3, 1, 2});
}

const Shape* Writer::flattened_from(graph::NodeId id) const {
  const auto found = flattened_.find(id);
  return found == flattened_.end() ? nullptr : &found->second;
}

void Writer::write_input(graph::NodeId id) {
  const Shape& shape = node(id).type.shape;
  pb::ValueInfoProto& info = *out_.add_input();
  info.set_name(fresh(node(id).label));
  set_type(info, extents_in_onnx(shape),
           takes_ids(id) ? pb::TensorProto::INT64 : pb::TensorProto::FLOAT);
  names_[id] = info.name();
  const std::vector<data::Scaling>& scalings = network_.normalisation.inputs;
  if (scalings.empty() || scalings == std::vector<data::Scaling>(1)) return;
  const auto [means, scales] = scaling_constants(id, scalings, "input");
  const std::string centred = add("Sub", {info.name(), means}, "input_centred");
  names_[id] = add("Mul", {centred, scales}, "input_scaled");
}

// Scaling i is for the features i, i + n, i + 2n, ...: for all of them, each channel, or each one.
std::pair<std::string, std::string> Writer::scaling_constants(
    graph::NodeId id, const std::vector<data::Scaling>& scalings, const std::string& what) {
  const Shape& shape = node(id).type.shape;
  const auto count = static_cast<std::int64_t>(scalings.size());
  const bool one = count == 1, channels = !one && count == shape.back();
  const View view = shape.rank() == 3 ? image_view(graph(), id) : natural_view(graph(), id);
  std::vector<std::int64_t> order(scalings.size());
  std::iota(order.begin(), order.end(), 0);
  if (!one && !channels) order = order_of(view);
  std::vector<float> means, scales;
  for (const std::int64_t feature : order) {
    const data::Scaling& scaling = scalings[static_cast<std::size_t>(feature % count)];
    means.push_back(scaling.mean);
    scales.push_back(scaling.scale);
  }
  const std::vector<std::int64_t> extents = one        ? std::vector<std::int64_t>{}
                                            : channels ? channel_extents(id)
                                                       : extents_in_onnx(shape);
  return {constant(what + "_mean", extents, means), constant(what + "_scale", extents, scales)};
}

void Writer::write_answer() {
  const graph::NodeId result = graph().result;
  std::string answer = name(result);
  if (const auto& targets = network_.normalisation.targets; !targets.empty()) {
    const auto [means, scales] = scaling_constants(result, targets, "target");
    answer = add("Div", {answer, scales}, "target_unscaled");
    answer = add("Add", {answer, means}, "output");
  }
  if (network_.graph.node(result).op->given) answer = add("Identity", {answer}, "output");
  pb::ValueInfoProto& info = *out_.add_output();
  info.set_name(answer);
  set_type(info, extents_in_onnx(node(result).type.shape));
}

pb::ModelProto Writer::write() {
  model_.set_ir_version(8);
  model_.set_producer_name(std::string(our_producer));
  model_.set_producer_version(version);
  auto& set = *model_.add_opset_import();
  set.set_domain("");
  set.set_version(17);
  out_.set_name("rectify");
  for (const auto& [key, text] : network_.metadata) {
    auto& entry = *model_.add_metadata_props();
    entry.set_key("rectify." + key);
    entry.set_value(text);
  }
  for (graph::NodeId id = 0; id < graph().size(); ++id) {
    const graph::Node& node = this->node(id);
    if (node.op->name == "input") write_input(id);
    if (node.op->given) continue;
    const Mapping* mapping = mapping_of(node.op->name);
    if (!mapping) fail(graph::where(node), " has no counterpart in ONNX");
    mapping->write(*this, id);
  }
  write_answer();
  return std::move(model_);
}

}  // namespace rectify::onnx
