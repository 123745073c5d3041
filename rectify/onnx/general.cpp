#include "rectify/onnx/general.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "rectify/base/thread_pool.h"
#include "rectify/graph/lists.h"
#include "rectify/graph/operator.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/prepare.h"
#include "rectify/onnx/prune.h"
#include "rectify/run/plan.h"

namespace rectify::onnx {

namespace {

constexpr int most_read = 50000;
/// The most numbers that are computed from constants for one node, and that are made of constants
/// in all: a small file can ask for any number.
constexpr std::int64_t most_folded = std::int64_t{1} << 26, most_spent = std::int64_t{1} << 29;

const Mapping* general_mapping(const std::string& onnx) {
  for (const Mapping* mapping : mappings())
    if (mapping->general && mapping->onnx == onnx) return mapping;
  return nullptr;
}

bool is_whole(int type) {
  return type != pb::TensorProto::FLOAT && type != pb::TensorProto::DOUBLE &&
         type != pb::TensorProto::FLOAT16 && type != pb::TensorProto::BFLOAT16;
}

}  // namespace

GeneralReader::GeneralReader(const pb::ModelProto& model, std::filesystem::path folder,
                             std::int64_t batch)
    : model_(model), source_(model.graph()), folder_(std::move(folder)), batch_(batch) {}

const Tensor& GeneralReader::tensor(const std::string& name, const std::string& where) {
  auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    const auto initial = initialisers_.find(name);
    if (initial == initialisers_.end())
      fail(where, " reads '", name, "', which nothing before it gives");
    Tensor value{.constant = tensor_of(*initial->second, concat("the initialiser '", name, "'"))};
    value.whole = value.constant->whole;
    found = tensors_.emplace(name, std::move(value)).first;
  }
  return found->second;
}

void GeneralReader::define(const std::string& name, Tensor tensor) {
  tensors_.insert_or_assign(name, std::move(tensor));
}

int GeneralReader::users(const std::string& name) const {
  const auto found = users_.find(name);
  return found == users_.end() ? 0 : found->second;
}

int GeneralReader::element_type(const std::string& name) const {
  for (const auto& info : source_.input())
    if (info.name() == name) return info.type().tensor_type().elem_type();
  const auto found = initialisers_.find(name);
  return found == initialisers_.end() ? 0 : found->second->data_type();
}

std::shared_ptr<const Constant> GeneralReader::tensor_of(const pb::TensorProto& proto,
                                                         const std::string& where) const {
  return std::make_shared<Constant>(constant_of(proto, where, folder_));
}

void GeneralReader::read_inputs() {
  struct Input {
    std::string name;
    std::vector<std::int64_t> extents;
    bool whole;
  };
  std::vector<Input> inputs;
  std::int64_t total = 0;
  for (const auto& info : source_.input()) {
    if (initialisers_.contains(info.name())) continue;
    const std::string where = concat("the input '", info.name(), "'");
    if (!info.type().has_tensor_type() || !info.type().tensor_type().has_shape())
      throw Unmapped(where + " is no tensor of a known shape");
    const auto& type = info.type().tensor_type();
    if (type.elem_type() == pb::TensorProto::STRING)
      throw Unmapped(where + " takes texts; only numbers are read");
    if (type.elem_type() == pb::TensorProto::FLOAT16 ||
        type.elem_type() == pb::TensorProto::BFLOAT16)
      throw Unmapped(where + " takes floats of 16 bits; export the model as float32");
    Input input{info.name(), {}, is_whole(type.elem_type())};
    for (const auto& dim : type.shape().dim()) {
      const auto axis = static_cast<std::int64_t>(input.extents.size());
      std::int64_t extent = dim.has_dim_value() ? dim.dim_value() : 0;
      if (axis == 0 && extent > 1 && batch_ == 1) one_of_several_ = true;
      if (axis == 0 && (extent < 1 || batch_ == 1)) extent = 1;
      if (extent < 1) throw OpenExtent(open_extent_text(info.name(), axis));
      input.extents.push_back(extent);
    }
    total += checked_size(input.extents, where);
    if (total > most_numbers) throw Unmapped(concat(where, " has more than 2^28 numbers"));
    inputs.push_back(std::move(input));
  }
  if (inputs.empty()) throw Unmapped("the model has no input");

  if (inputs.size() == 1) {
    Input& input = inputs[0];
    std::vector<std::int64_t> sample = input.extents;
    const bool batch = !sample.empty() && sample[0] == 1;
    if (batch) sample.erase(sample.begin());
    if (sample.empty()) sample.push_back(1);
    const bool image = batch && sample.size() == 3 && !channels_last(model_);
    if (image) std::rotate(sample.begin(), sample.begin() + 1, sample.end());
    own_.anchor = graph().add_input({.shape = Shape(sample)}, "input");
    View view = image ? image_view(graph(), own_.anchor) : natural_view(graph(), own_.anchor);
    own_.network.inputs.push_back(view);
    if (image)
      view.axes.insert(view.axes.begin(), Axis{});
    else
      view = *regrouped(view, input.extents);
    return define(input.name, {.view = std::move(view), .whole = input.whole});
  }
  // Several inputs: a sample is all of them, one after the other.
  own_.anchor = graph().add_input({.shape = Shape{total}}, "input");
  own_.network.inputs.push_back(natural_view(graph(), own_.anchor));
  std::int64_t offset = 0;
  for (const Input& input : inputs) {
    std::int64_t size = 1;
    for (const std::int64_t extent : input.extents) size *= extent;
    graph::Attributes attributes;
    attributes.set("shape", Shape{size}.text());
    attributes.set("strides", std::string("1"));
    attributes.set("offset", offset);
    const graph::NodeId node = build("arrange", own_.anchor, attributes, free_label(input.name));
    offset += size;
    define(input.name,
           {.view = *regrouped(natural_view(graph(), node), input.extents), .whole = input.whole});
  }
}

void GeneralReader::want(const std::string& first) {
  std::vector<std::string> wanted = {first};
  while (!wanted.empty()) {
    const std::string name = std::move(wanted.back());
    wanted.pop_back();
    if (name.empty()) continue;
    ++users_[name];
    const auto found = givers_.find(name);
    if (found == givers_.end() || !live_.insert(found->second).second) continue;
    for (const std::string& input : found->second->input()) wanted.push_back(input);
    for (const auto& attribute : found->second->attribute())  // what branches read from outside
      if (attribute.has_g())
        for (const auto& inner : attribute.g().node())
          for (const std::string& input : inner.input()) wanted.push_back(input);
    for (const auto& attribute : found->second->attribute())
      if (attribute.has_g())
        for (const auto& output : attribute.g().output()) wanted.push_back(output.name());
  }
}

void GeneralReader::read_nodes(const pb::GraphProto& graph) {
  for (int i = 0; i < graph.node_size(); ++i)
    if (live_.contains(&graph.node(i))) read_node(graph.node(i), i);
}

void GeneralReader::inline_graph(const pb::GraphProto& branch, const pb::NodeProto& node) {
  for (const auto& initial : branch.initializer()) {
    initialisers_[initial.name()] = &initial;
    tensors_.erase(initial.name());  // of a branch before with the same name
  }
  for (const auto& inner : branch.node())
    for (const std::string& name : inner.output())
      if (!name.empty()) givers_[name] = &inner;
  for (const auto& output : branch.output()) want(output.name());
  read_nodes(branch);
  for (int i = 0; i < std::min(node.output_size(), branch.output_size()); ++i)
    define(node.output(i), tensor(branch.output(i).name(), "a branch"));
}

void GeneralReader::call(const pb::NodeProto& node, int index) {
  GeneralCall call(*this, node, index);
  if (!node.domain().empty() && node.domain() != "ai.onnx" && node.domain() != "ai.onnx.ml")
    call.unmapped("is an operator of the domain '", node.domain(),
                  "', which is not read; export the model with the standard operators");
  const Mapping* mapping = general_mapping(node.op_type());
  if (!mapping)
    call.unmapped(
        "is an operator that is not read; export the model without it, or let it end "
        "before it with --output NAME");
  try {
    mapping->general(call);
  } catch (const Unmapped&) {
    throw;
  } catch (const Error& error) {
    if (std::string_view(error.what()).find(call.where()) != std::string_view::npos) throw;
    fail(call.where(), ": ", error.what());
  }
}

void GeneralReader::read_node(const pb::NodeProto& node, int index) {
  const bool constant = std::ranges::all_of(node.input(), [&](const std::string& name) {
    return name.empty() || tensor(name, NodeReader(node, index).where()).constant;
  });
  if (!constant || node.op_type() == "If") return call(node, index);
  fold(node, index);
}

/// Computes a node of constants in a graph of its own, and makes its values constants.
void GeneralReader::fold(const pb::NodeProto& node, int index) {
  Work scratch;
  scratch.anchor = scratch.network.graph.add_input({.shape = Shape{1}}, "input");
  Work* const before = std::exchange(work_, &scratch);
  try {
    call(node, index);
    for (const std::string& name : node.output())
      if (!name.empty() && tensors_.contains(name) && !tensors_.at(name).constant)
        define(name, evaluated(tensors_.at(name), NodeReader(node, index).where()));
  } catch (...) {
    work_ = before;
    throw;
  }
  work_ = before;
}

void GeneralReader::spend(std::int64_t numbers, const std::string& where) {
  spent_ += numbers;
  if (spent_ > most_spent)
    throw Unmapped(concat(where,
                          " makes more than 2^29 numbers of constants, together with the "
                          "nodes before it"));
}

Tensor GeneralReader::evaluated(const Tensor& tensor, const std::string& where) {
  const graph::NodeId result = laid(tensor.view);
  graph::Graph& graph = this->graph();
  double numbers = 0;
  for (const graph::Node& node : graph.nodes())
    numbers += static_cast<double>(node.type.shape.size());
  if (numbers > static_cast<double>(most_folded))
    throw Unmapped(concat(where, " makes ", numbers, " numbers of constants; ", most_folded,
                          " at most are made"));
  spend(tensor.view.size(), where);
  const run::ParameterLayout layout(graph);
  Buffer parameters(layout.floats());
  for (const run::ParameterSlot& slot : layout.slots())
    std::ranges::copy(work_->network.numbers.at(slot.node), parameters.data() + slot.offset);
  ThreadPool threads(1);
  run::Plan plan(graph, layout, parameters.data(), threads, {.batch = 1, .keep = {result}});
  plan.run({});
  const std::span<const float> value = plan.value(result);
  Constant constant{.extents = tensor.view.extents(), .whole = tensor.whole};
  if (tensor.whole)
    for (const float number : value)
      constant.integers.push_back(
          static_cast<std::int64_t>(std::isnan(number) ? 0.0f : std::clamp(number, -9e18f, 9e18f)));
  else
    constant.floats.assign(value.begin(), value.end());
  return {.constant = std::make_shared<Constant>(std::move(constant)), .whole = tensor.whole};
}

void GeneralReader::finish() {
  const std::string& name = source_.output(0).name();
  const std::string where = concat("the output '", name, "'");
  const Tensor& answer = tensor(name, where);
  if (answer.constant) throw Unmapped(where + " does not depend on the input");
  View view = answer.view;
  const bool batch = !view.axes.empty() && extent_of(view.axes[0]) == 1;
  if (one_of_several_ && !batch)
    throw Unmapped(where + " has another axis 0 than the input, so it is no answer to each sample");
  if (batch) view.axes.erase(view.axes.begin());
  // An answer that is an image is channels last, as everywhere here.
  const bool image = batch && view.axes.size() == 3;
  const View last = image ? permuted(view, {1, 2, 0}) : view;
  const graph::NodeId node = laid(last);
  graph::Graph& graph = this->graph();
  graph.result = graph.node(node).op->given ? build_identity(graph, node) : node;
  own_.network.answer = image ? image_view(graph, graph.result) : natural_view(graph, graph.result);
  if (view.axes.empty()) own_.network.answer.axes.clear();
  constexpr graph::NodeId most = 20000;  // as a model's text has
  if (graph.size() > most)
    throw Unmapped(concat("the model has too many nodes: they become ", graph.size(), " here, and ",
                          most, " at most are read"));
  prune(own_.network);
  if (own_.network.graph.users(own_.network.inputs[0].node).empty())
    throw Unmapped(where + " does not depend on the input");
}

Network GeneralReader::read() {
  for (const auto& set : model_.opset_import())
    if (set.domain().empty() || set.domain() == "ai.onnx") operator_set_ = set.version();
  if (operator_set_ == 0) operator_set_ = 1;  // a model of ai.onnx.ml alone
  if (operator_set_ > 24)
    throw Unmapped(concat("the model is of operator set ", operator_set_,
                          "; 1 to 24 are read, export it as 17"));
  if (source_.node_size() > most_read)
    throw Unmapped(
        concat("the model has ", source_.node_size(), " nodes; ", most_read, " at most are read"));
  if (model_.functions_size() > 0)
    throw Unmapped("the model has functions of its own; export it with these inlined");
  for (const auto& tensor : source_.initializer())
    if (!initialisers_.emplace(tensor.name(), &tensor).second)
      fail("two initialisers are called '", tensor.name(), "'");
  for (const auto& node : source_.node())
    for (const std::string& name : node.output())
      if (!name.empty() && !givers_.emplace(name, &node).second)
        fail("the value '", name, "' is given twice");
  for (const auto& output : source_.output()) want(output.name());
  read_inputs();
  read_nodes(source_);
  finish();
  return std::move(own_.network);
}

}  // namespace rectify::onnx
