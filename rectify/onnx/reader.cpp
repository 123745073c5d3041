#include "rectify/onnx/reader.h"

#include <algorithm>

#include "rectify/graph/activate.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/prepare.h"

namespace rectify::onnx {

namespace {

constexpr int most_nodes = 50000;

const Mapping* mapping_of(const std::string& onnx) {
  for (const Mapping* mapping : mappings())
    if (mapping->read && mapping->onnx == onnx) return mapping;
  return nullptr;
}

}  // namespace

Reader::Reader(const pb::ModelProto& model, std::filesystem::path folder, Layout layout)
    : model_(model), source_(model.graph()), folder_(std::move(folder)), layout_(layout) {}

const Value& Reader::value(const std::string& name, const std::string& where) {
  auto found = values_.find(name);
  if (found == values_.end()) {
    const auto initial = initialisers_.find(name);
    if (initial == initialisers_.end())
      fail(where, " reads '", name, "', which nothing before it gives");
    Value value{.constant = tensor(*initial->second, concat("the initialiser '", name, "'"))};
    found = values_.emplace(name, std::move(value)).first;
  }
  return found->second;
}

void Reader::define(const std::string& name, Value value) {
  values_.insert_or_assign(name, std::move(value));
}

const Constant* Reader::known_constant(const std::string& name) {
  if (!knows(name)) return nullptr;
  return value(name, "the model").constant.get();
}

int Reader::users(const std::string& name) const {
  const auto found = users_.find(name);
  return found == users_.end() ? 0 : found->second;
}

int Reader::readers(const std::string& name) const {
  const auto found = readers_.find(name);
  return found == readers_.end() ? 0 : found->second;
}

const pb::NodeProto* Reader::only_user(const std::string& name) const {
  const auto found = one_user_.find(name);
  return found == one_user_.end() || users(name) != 1 ? nullptr : found->second;
}

std::shared_ptr<const Constant> Reader::tensor(const pb::TensorProto& tensor,
                                               const std::string& where) {
  return std::make_shared<Constant>(constant_of(tensor, where, folder_));
}

graph::NodeId Reader::compute(const Value& value, const std::string& where) {
  const Formula& f = *value.formula;
  if (const auto attributes = row_of(f)) {
    if (attributes->word("row") == "identity") return value.view.node;
    return graph::add_activation(graph(), value.view.node, *attributes, free_label(f.label));
  }
  if (const auto line = line_of(f)) {
    const Constant scale{.floats = {static_cast<float>((*line)[0])}};
    const Constant shift{.floats = {static_cast<float>((*line)[1])}};
    return affine(Value{.view = value.view}, scale, shift, where, false).view.node;
  }
  if (!f.otherwise) throw Unmapped(where + " reads a function that is no activation");
  return f.otherwise(*this).node;
}

View Reader::view(const Value& value, const std::string& where) {
  if (value.constant) throw Unmapped(where + " reads a constant where only a computed value goes");
  if (value.part_axis >= 0 || value.offset >= 0) throw Unmapped(where + " reads a part of a value");
  if (value.fit) throw Unmapped(where + " reads what is no part of an attention that is known");
  if (value.ids) throw Unmapped(where + " reads whole numbers");
  if (value.centred_axis >= 0 && value.mean_axis < 0)
    throw Unmapped(where + " reads a value less its mean, which no norm reads");
  if (value.mean_axis >= 0) throw Unmapped(where + " reads a mean that normalises nothing");
  if (!value.formula) return value.view;
  if (!value.formula->node) value.formula->node = compute(value, where);
  return {*value.formula->node, value.view.axes};
}

bool Reader::is_input(const Value& value) const {
  return network_.inputs.size() == 1 && !value.constant &&
         value.view.node == network_.inputs[0].node && !value.formula && value.whole();
}

void Reader::set_numbers(const std::string& label, std::vector<float> numbers) {
  network_.numbers[graph().find(label)] = std::move(numbers);
}

void Reader::read_inputs() {
  for (const auto& info : source_.input()) {
    const std::string where = concat("the input '", info.name(), "'");
    if (initialisers_.contains(info.name())) continue;
    if (values_.contains(info.name())) fail("two inputs are called '", info.name(), "'");
    if (!info.type().has_tensor_type() || !info.type().tensor_type().has_shape())
      throw Unmapped(where + " is no tensor of a known shape");
    const auto& type = info.type().tensor_type();
    const bool ids =
        type.elem_type() == pb::TensorProto::INT64 || type.elem_type() == pb::TensorProto::INT32;
    if (type.elem_type() != pb::TensorProto::FLOAT && !ids)
      throw Unmapped(where + " has elements that are not float32, nor ids of 32 or 64 bits");
    if (type.shape().dim_size() == 0) throw Unmapped(where + " has no batch");
    std::vector<std::int64_t> extents;
    for (const auto& dim : type.shape().dim()) {
      if (!extents.empty() && (!dim.has_dim_value() || dim.dim_value() < 1))
        throw OpenExtent(open_extent_text(info.name(), static_cast<std::int64_t>(extents.size())));
      extents.push_back(dim.has_dim_value() ? dim.dim_value() : 0);
    }
    if (network_.inputs.empty()) fixed_batch_ = std::max<std::int64_t>(0, extents[0]);
    extents.erase(extents.begin());
    checked_size(extents, where);
    const bool image = extents.size() == 3 && layout_ == Layout::images;
    if (image) std::rotate(extents.begin(), extents.begin() + 1, extents.end());
    const bool scalar = extents.empty();
    if (scalar) extents.push_back(1);
    const std::string label = network_.inputs.empty() ? "input" : graph().fresh_label("input");
    const graph::NodeId node = graph().add_input({.shape = Shape(extents)}, label);
    View view = image ? image_view(graph(), node) : natural_view(graph(), node);
    if (scalar) view.axes.clear();
    network_.inputs.push_back(view);
    define(info.name(), Value{.view = std::move(view), .ids = ids});
  }
  if (network_.inputs.empty()) throw Unmapped("the model has no input");
}

void Reader::find_live() {
  std::map<std::string, const pb::NodeProto*, std::less<>> givers;
  for (const auto& node : source_.node())
    for (const std::string& name : node.output()) {
      if (name.empty()) continue;
      if (!givers.emplace(name, &node).second || values_.contains(name) ||
          initialisers_.contains(name))
        fail("the value '", name, "' is given twice");
    }
  std::vector<std::string> wanted;
  const auto want = [&](const std::string& name, const pb::NodeProto* by) {
    if (name.empty()) return;
    ++users_[name];
    const auto [known, first] = one_user_.try_emplace(name, by);
    if (first || known->second != by) ++readers_[name];
    known->second = by;
    wanted.push_back(name);
  };
  for (const auto& output : source_.output()) want(output.name(), nullptr);
  while (!wanted.empty()) {
    const auto found = givers.find(wanted.back());
    wanted.pop_back();
    if (found == givers.end() || !live_.insert(found->second).second) continue;
    for (const std::string& name : found->second->input()) want(name, found->second);
  }
}

void Reader::read_node(const pb::NodeProto& node, int index) {
  Call call(*this, node, index);
  if (!node.domain().empty() && node.domain() != "ai.onnx")
    call.unmapped("is an operator of the domain '", node.domain(), "', which is not mapped");
  const Mapping* mapping = mapping_of(node.op_type());
  if (!mapping) call.unmapped("is an operator that is not mapped");
  try {
    mapping->read(call);
  } catch (const Unmapped&) {
    throw;
  } catch (const Error& error) {
    if (std::string_view(error.what()).find(call.where()) != std::string_view::npos) throw;
    fail(call.where(), ": ", error.what());
  }
}

void Reader::finish() {
  const std::string where = concat("the output '", source_.output(0).name(), "'");
  network_.answer = view(value(source_.output(0).name(), where), where);
  if (network_.answer.axes.size() < 3 && !in_order(network_.answer) &&
      turned(network_.answer).size() == 2)
    network_.answer = ordered(network_.answer, where);
  network_.graph.result = network_.answer.node;
  std::vector<data::Scaling>& scalings = network_.normalisation.inputs;
  scalings.resize(input_scale_.size());
  for (std::size_t i = 0; i < scalings.size(); ++i) {
    const double scale = input_scale_[i], shift = input_shift_[i];
    scalings[i] = {static_cast<float>(shift == 0 ? 0 : -shift / scale), static_cast<float>(scale)};
  }
}

Network Reader::read() {
  for (const auto& set : model_.opset_import())
    if (set.domain().empty() || set.domain() == "ai.onnx") operator_set_ = set.version();
  if (operator_set_ < 1 || operator_set_ > 24)
    throw Unmapped(concat("the model is of operator set ", operator_set_,
                          "; 1 to 24 are read, export it as 17"));
  constexpr std::string_view ours = "rectify.";
  for (const auto& entry : model_.metadata_props())
    if (entry.key().starts_with(ours))
      network_.metadata[entry.key().substr(ours.size())] = entry.value();
  if (source_.node_size() > most_nodes)
    throw Unmapped(
        concat("the model has ", source_.node_size(), " nodes; ", most_nodes, " at most are read"));
  for (const auto& tensor : source_.initializer())
    if (!initialisers_.emplace(tensor.name(), &tensor).second)
      fail("two initialisers are called '", tensor.name(), "'");
  read_inputs();
  find_live();
  for (int i = 0; i < source_.node_size(); ++i)
    if (live_.contains(&source_.node(i)) && !skipped_.contains(&source_.node(i)))
      read_node(source_.node(i), i);
  finish();
  return std::move(network_);
}

}  // namespace rectify::onnx
