#include "rectify/onnx/prepare.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "rectify/base/text.h"

namespace rectify::onnx {

namespace {

std::set<std::string> initialisers(const pb::ModelProto& model) {
  std::set<std::string> names;
  for (const auto& tensor : model.graph().initializer()) names.insert(tensor.name());
  return names;
}

std::vector<std::string> output_names(const pb::ModelProto& model) {
  std::vector<std::string> names;
  for (const auto& output : model.graph().output()) names.push_back(output.name());
  return names;
}

/// The first output of floats; a map of probabilities by class (of scikit-learn's converter) is
/// one too.
int output_of_floats(const pb::GraphProto& graph) {
  for (int i = 0; i < graph.output_size(); ++i) {
    const auto& type = graph.output(i).type();
    if (!type.has_tensor_type() || type.tensor_type().elem_type() == pb::TensorProto::FLOAT ||
        type.tensor_type().elem_type() == pb::TensorProto::DOUBLE)
      return i;
  }
  return 0;
}

/// Takes out the loss and the classes, which a file of ours gives for its own answer alone.
void forget_purpose(pb::ModelProto& model) {
  auto& all = *model.mutable_metadata_props();
  for (int i = all.size() - 1; i >= 0; --i)
    if (all[i].key() == "rectify.loss" || all[i].key() == "rectify.classes")
      all.DeleteSubrange(i, 1);
}

std::string choose_output(pb::ModelProto& model, const std::string& wanted) {
  pb::GraphProto& graph = *model.mutable_graph();
  if (graph.output_size() == 0) throw Unmapped("the model has no output");
  const std::vector<std::string> names = output_names(model);
  const int own = output_of_floats(graph);
  int chosen = own;
  if (!wanted.empty()) {
    const auto found = std::ranges::find(names, wanted);
    if (found == names.end()) {
      const bool inside = std::ranges::any_of(graph.node(), [&](const auto& node) {
        return std::ranges::count(node.output(), wanted) > 0;
      });
      if (!inside) fail("it has no output '", wanted, "'", suggestion(wanted, names));
      graph.add_output()->set_name(wanted);  // a value within is as good as an output
      chosen = graph.output_size() - 1;
    } else {
      chosen = static_cast<int>(found - names.begin());
    }
  }
  if (chosen != own) forget_purpose(model);
  const pb::ValueInfoProto output = graph.output(chosen);
  graph.clear_output();
  *graph.add_output() = output;
  return names.size() > 1 ? output.name() : std::string();
}

using Extents = std::vector<std::int64_t>;

pb::TensorShapeProto* shape_of(pb::ValueInfoProto& info) {
  if (!info.type().has_tensor_type() || !info.type().tensor_type().has_shape()) return nullptr;
  return info.mutable_type()->mutable_tensor_type()->mutable_shape();
}

/// Whether the extents behind the batch are those, where they are fixed.
bool fits(const pb::TensorShapeProto& shape, const Extents& sample) {
  if (static_cast<std::size_t>(shape.dim_size()) != sample.size() + 1) return false;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const auto& dim = shape.dim(static_cast<int>(i) + 1);
    if (dim.has_dim_value() && dim.dim_value() > 0 && dim.dim_value() != sample[i]) return false;
  }
  return true;
}

void fix(pb::TensorShapeProto& shape, const Extents& sample) {
  for (std::size_t i = 0; i < sample.size(); ++i)
    shape.mutable_dim(static_cast<int>(i) + 1)->set_dim_value(sample[i]);
}

std::string text_of(const pb::TensorShapeProto& shape) {
  std::string text;
  for (const auto& dim : shape.dim()) {
    if (!text.empty()) text += "x";
    text += dim.has_dim_value() && dim.dim_value() > 0 ? std::to_string(dim.dim_value()) : "?";
  }
  return text;
}

/// Fixes what an input leaves open as --shape says.
void fix_as_asked(pb::ValueInfoProto& info, const std::string& text) {
  pb::TensorShapeProto* shape = shape_of(info);
  if (!shape) fail("the input '", info.name(), "' has no shape that could be fixed");
  Extents extents = parse_shape(text).extents();
  const auto rank = static_cast<std::size_t>(shape->dim_size());
  if (extents.size() == rank && rank > 0) {
    if (!fits(*shape, {extents.begin() + 1, extents.end()}))
      fail("the input '", info.name(), "' is ", text_of(*shape), ", so it cannot be ", text);
    if (!shape->dim(0).has_dim_value() || shape->dim(0).dim_value() < 1) {
      if (extents[0] > 1) shape->mutable_dim(0)->set_dim_value(extents[0]);
    } else if (shape->dim(0).dim_value() != extents[0]) {
      fail("the input '", info.name(), "' is ", text_of(*shape), ", so it cannot be ", text);
    }
    extents.erase(extents.begin());
  }
  if (!fits(*shape, extents))
    fail("the input '", info.name(), "' is ", text_of(*shape), ", so it cannot be ", text,
         "; give its extents in that order");
  fix(*shape, extents);
}

void fix_as_asked(pb::ModelProto& model, const std::string& text) {
  if (text.empty()) return;
  const std::set<std::string> constants = initialisers(model);
  std::map<std::string, pb::ValueInfoProto*> inputs;
  std::vector<std::string> names;
  for (auto& info : *model.mutable_graph()->mutable_input()) {
    if (constants.contains(info.name())) continue;
    inputs[info.name()] = &info;
    names.push_back(info.name());
  }
  for (const std::string& part : split(text, ',')) {
    const std::size_t equals = part.rfind('=');
    if (equals == std::string::npos && inputs.size() != 1)
      fail("--shape ", text, ": the model has ", inputs.size(), " inputs; write NAME=", part);
    const std::string name = equals == std::string::npos ? names[0] : part.substr(0, equals);
    if (!inputs.contains(name))
      fail("--shape ", text, ": the model has no input '", name, "'", suggestion(name, names));
    fix_as_asked(*inputs[name], equals == std::string::npos ? part : part.substr(equals + 1));
  }
}

/// Fixes what is still open so that a sample of the data fits.
void fix_as_data(pb::ModelProto& model, const Shape& sample) {
  if (sample.rank() == 0 || count_inputs(model) != 1) return;
  const std::set<std::string> constants = initialisers(model);
  for (auto& info : *model.mutable_graph()->mutable_input()) {
    pb::TensorShapeProto* shape = shape_of(info);
    if (constants.contains(info.name()) || !shape) continue;
    const Extents& own = sample.extents();
    if (own.size() == 3 && fits(*shape, {own[2], own[0], own[1]}))
      return fix(*shape, {own[2], own[0], own[1]});
    if (fits(*shape, own)) return fix(*shape, own);
    std::int64_t known = 1;
    int open = 0;
    for (int i = 1; i < shape->dim_size(); ++i) {
      const std::int64_t extent = shape->dim(i).has_dim_value() ? shape->dim(i).dim_value() : 0;
      if (extent > 0) known *= extent;
      open += extent < 1 ? 1 : 0;
    }
    if (open != 1 || sample.size() % known != 0) return;
    for (int i = 1; i < shape->dim_size(); ++i)
      if (!shape->dim(i).has_dim_value() || shape->dim(i).dim_value() < 1)
        shape->mutable_dim(i)->set_dim_value(sample.size() / known);
  }
}

}  // namespace

int count_inputs(const pb::ModelProto& model) {
  const std::set<std::string> constants = initialisers(model);
  return static_cast<int>(std::ranges::count_if(
      model.graph().input(), [&](const auto& info) { return !constants.contains(info.name()); }));
}

bool channels_last(const pb::ModelProto& model) {
  if (model.producer_name() == our_producer || count_inputs(model) != 1) return false;
  const std::set<std::string> constants = initialisers(model);
  const auto input = std::ranges::find_if(
      model.graph().input(), [&](const auto& info) { return !constants.contains(info.name()); });
  const auto& shape = input->type().tensor_type().shape();
  if (shape.dim_size() != 4) return false;
  for (const auto& node : model.graph().node())
    if (node.op_type() == "Transpose" && node.input_size() == 1 && node.input(0) == input->name())
      for (const auto& attribute : node.attribute())
        if (attribute.name() == "perm" && attribute.ints_size() == 4) return attribute.ints(1) == 3;
  const auto few = [](std::int64_t extent) { return extent == 1 || extent == 3 || extent == 4; };
  const std::int64_t first = shape.dim(1).dim_value(), last = shape.dim(3).dim_value();
  return few(last) && !few(first) && first > last;
}

std::string open_extent_text(const std::string& input, std::int64_t axis) {
  return concat(
      "the input '", input, "' has an axis ", axis,
      " whose extent is not fixed; fix it with --shape, such as --shape 3x224x224, or give "
      "--data that does");
}

std::string prepare(pb::ModelProto& model, const ReadOptions& options) {
  std::string output = choose_output(model, options.output);
  fix_as_asked(model, options.shape);
  fix_as_data(model, options.sample);
  return output;
}

}  // namespace rectify::onnx
