#include "rectify/onnx/reader.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/positions.h"
#include "rectify/onnx/mapping.h"

namespace rectify::onnx {

namespace {

/// Numbers that a small file may make large: what a scalar is spread to.
constexpr std::int64_t most_spread = std::int64_t{1} << 22;
constexpr int most_nodes = 50000;

const Mapping* mapping_of(const std::string& onnx) {
  for (const Mapping* mapping : mappings())
    if (mapping->read && mapping->onnx == onnx) return mapping;
  return nullptr;
}

/// The only axis of `extents` along which a constant varies: -1 for none, -2 for several. Throws
/// Unmapped where it does not spread over them, or varies along the batch.
int axis_of(const Constant& c, const std::vector<std::int64_t>& extents, const std::string& where) {
  const std::size_t rank = c.extents.size(), all = extents.size() + 1;
  int axis = -1;
  for (std::size_t i = 0; i < rank; ++i) {
    if (c.extents[i] == 1) continue;
    const std::size_t at = i + all - rank;  // with the batch as axis 0
    if (rank > all || at == 0 || c.extents[i] != extents[at - 1])
      throw Unmapped(where + " has a constant that does not spread over the other value");
    axis = axis == -1 ? static_cast<int>(at) - 1 : -2;
  }
  return axis;
}

/// A constant's numbers for all elements of a view of those extents, row by row.
std::vector<double> spread(const Constant& c, const std::vector<std::int64_t>& extents) {
  const std::vector<float> numbers = c.as_floats();
  std::int64_t size = 1;
  for (const std::int64_t e : extents) size *= e;
  std::vector<double> all(static_cast<std::size_t>(size));
  for (std::int64_t i = 0; i < size; ++i) {
    std::int64_t rest = i, at = 0, step = 1;
    for (std::size_t k = 0; k < extents.size(); ++k) {
      const std::size_t axis = extents.size() - 1 - k;
      const std::int64_t index = rest % extents[axis];
      rest /= extents[axis];
      if (k >= c.extents.size()) continue;
      const std::int64_t own = c.extents[c.extents.size() - 1 - k];
      at += own == 1 ? 0 : index * step;
      step *= own;
    }
    all[static_cast<std::size_t>(i)] = numbers[static_cast<std::size_t>(at)];
  }
  return all;
}

/// The groups of numbers that a view has in another order than memory, as atoms: two where the last
/// two axes of some shape changed places.
Axis turned(const View& view) {
  const std::optional<View> row = regrouped(view, {view.size()});
  if (!row || row->axes[0].empty()) return {};
  Axis atoms = row->axes[0];
  if (atoms.size() == 3 && atoms[0].stride == atoms[1].extent * atoms[2].extent)
    atoms.erase(atoms.begin());
  const bool two = atoms.size() == 2 && atoms[0].stride == 1 && atoms[1].stride == atoms[0].extent;
  return two ? atoms : Axis{};
}

/// The only number, or one for each of `count` places, at `order`.
std::vector<float> placed(const Constant& c, std::int64_t count,
                          const std::vector<std::int64_t>& order) {
  const std::vector<float> numbers = c.as_floats();
  std::vector<float> at(static_cast<std::size_t>(count), numbers.empty() ? 0.0f : numbers[0]);
  if (numbers.size() > 1)
    for (std::size_t i = 0; i < order.size(); ++i)
      at[static_cast<std::size_t>(order[i])] = numbers[i];
  return at;
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
  if (!values_.contains(name) && !initialisers_.contains(name)) return nullptr;
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
  if (const auto line = line_of(f.samples)) {
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

graph::NodeId Reader::shaped(graph::NodeId node, const Shape& shape) {
  if (graph().node(node).type.shape == shape) return node;
  if (shape.rank() == 1) return graph().add("flatten", {node});
  graph::Attributes attributes;
  attributes.set("shape", shape.text());
  return graph().add("reshape", {node}, attributes);
}

Reader::Channels Reader::channels(const View& view, std::size_t axis, const std::string& where) {
  const Axis& atoms = view.axes[axis];
  const std::int64_t extent = extent_of(atoms), size = view.size();
  const bool plain = extent == 1 || (atoms.size() == 1 && atoms[0].stride == 1);
  if (!plain && extent != size)
    throw Unmapped(where + " works along an axis that is not the last here");
  if (extent > most_spread) throw Unmapped(concat(where, " has ", extent, " channels"));
  Channels result{.node = view.node, .order = order_of({view.node, {atoms}}), .count = extent};
  const Shape& own = graph().node(view.node).type.shape;
  if (own.rank() == 0 || own.back() != extent)
    result.node = shaped(view.node, size == extent ? Shape{extent} : Shape{size / extent, extent});
  return result;
}

graph::NodeId Reader::image(const View& view, const std::string& where) {
  if (view.axes.size() != 3)
    throw Unmapped(concat(where, " wants images (batch x channels x height x width) but reads ",
                          view.axes.size() + 1, " axes"));
  const View last{view.node, {view.axes[1], view.axes[2], view.axes[0]}};
  if (!in_order(last))
    throw Unmapped(where + " reads images whose numbers lie in another order here");
  return shaped(view.node, Shape(last.extents()));
}

View Reader::ordered(const View& view, const std::string& where) {
  const std::vector<std::int64_t> extents = view.extents();
  graph::NodeId node = view.node;
  if (!in_order(view)) {
    // Of the groups that lie in order, before x rows x columns, the last two go round.
    const Axis groups = turned(view);
    if (groups.size() != 2)
      throw Unmapped(where + " reads axes whose numbers lie in another order here");
    const std::int64_t columns = groups[0].extent, rows = groups[1].extent;
    const std::int64_t before = view.size() / (rows * columns);
    const Shape& own = graph().node(node).type.shape;
    const bool fits = own.rank() >= 2 && own.back() == columns && own[own.rank() - 2] == rows;
    if (!fits)
      node = shaped(node, before == 1 ? Shape{rows, columns} : Shape{before, rows, columns});
    node = graph().add("transpose", {node});
  }
  const bool sequence = extents.size() > 1 && graph().node(node).type.shape.size() == view.size();
  if (sequence) node = shaped(node, Shape(extents));
  return *regrouped(natural_view(graph(), node), extents);
}

View Reader::last_in_order(const View& view, const std::string& where) {
  const Axis& last = view.axes.back();
  const bool plain = last.empty() || (last.size() == 1 && last[0].stride == 1);
  return !plain && turned(view).size() == 2 ? ordered(view, where) : view;
}

View Reader::as_sequence(const View& view) {
  const std::vector<std::int64_t> extents = view.extents();
  if (extents.size() != 2 || extents[0] == 1 || extents[1] == 1 || !in_order(view)) return view;
  if (graph().node(view.node).op->given) return view;
  return {shaped(view.node, Shape(extents)), view.axes};
}

std::optional<Value> Reader::positions(const Value& x, const Constant& c, const std::string& where,
                                       const std::string& name) {
  const View view = this->view(x, where);
  std::vector<std::int64_t> extents = c.extents;
  while (extents.size() > view.axes.size() && extents.front() == 1) extents.erase(extents.begin());
  if (extents.size() < 2 || extents != view.extents() || c.whole) return std::nullopt;
  const std::vector<std::int64_t> order = order_of(view);
  std::vector<float> numbers(order.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    numbers[static_cast<std::size_t>(order[i])] = c.floats[i];
  graph::NodeId node = view.node;
  if (graph().node(node).type.shape.rank() < 2) node = shaped(node, Shape(extents));
  const std::int64_t channels = graph().node(node).type.shape.back();
  bool sines = true;
  for (std::int64_t i = 0; sines && i < view.size(); ++i)
    sines = std::abs(numbers[static_cast<std::size_t>(i)] -
                     graph::sinusoid(i / channels, i % channels, channels)) <= 1e-7;
  graph::Attributes attributes;
  attributes.set("kind", std::string(sines ? "sinusoidal" : "learned"));
  node = graph::find_operator("positions")->build(graph(), node, attributes, free_label(name));
  if (!sines) set_numbers(graph().node(node).label + ".weight", std::move(numbers));
  return Value{.view = {node, view.axes}};
}

bool Reader::is_input(const Value& value) const {
  return network_.inputs.size() == 1 && !value.constant &&
         value.view.node == network_.inputs[0].node && !value.formula && value.whole();
}

bool Reader::normalises(const Value& x, const std::vector<double>& scale,
                        const std::vector<double>& shift) {
  if (!is_input(x)) return false;
  const auto at = [](const std::vector<double>& v, std::size_t i) {
    return v.size() == 1 ? v[0] : v[i];
  };
  const std::size_t count = std::max({scale.size(), shift.size(), input_scale_.size()});
  const std::vector<std::int64_t> order =
      count == 1 ? std::vector<std::int64_t>{0} : order_of(x.view);
  std::vector<double> a(count), b(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto to = static_cast<std::size_t>(order[i]);
    a[to] = at(input_scale_, to) * at(scale, i);
    b[to] = at(input_shift_, to) * at(scale, i) + at(shift, i);
    if (a[to] == 0 && b[to] != 0) return false;  // (x - mean) * 0 is 0 alone
  }
  input_scale_ = std::move(a);
  input_shift_ = std::move(b);
  return true;
}

Value Reader::affine(const Value& x, const Constant& scale, const Constant& shift,
                     const std::string& where, bool only) {
  View view = this->view(x, where);
  std::vector<std::int64_t> extents = view.extents();
  const int a = axis_of(scale, extents, where), b = axis_of(shift, extents, where);
  int axis = a == -1 ? b : b == -1 || a == b ? a : -2;
  if (view.size() > most_spread && axis == -2)
    throw Unmapped(concat(where, " has a constant for each of ", view.size(), " numbers"));
  const bool spreads = axis != -1 && view.size() <= most_spread;
  const auto all = [&](const Constant& c) {
    return spreads ? spread(c, extents) : std::vector<double>{c.scalar()};
  };
  if (only && (spreads || axis == -1) && normalises(x, all(scale), all(shift)))
    return Value{.view = view};
  Constant scales = scale, shifts = shift;
  if (axis == -1) axis = extents.size() == 3 ? 0 : static_cast<int>(extents.size()) - 1;
  if (axis < 0) {  // one number for each element, or no axis but the batch
    const std::vector<double> s = all(scale), t = all(shift);
    scales = {.extents = {view.size()}, .floats = {s.begin(), s.end()}};
    shifts = {.extents = {view.size()}, .floats = {t.begin(), t.end()}};
    extents = {view.size()};
    view = *regrouped(view, extents);
    axis = 0;
  }
  const Channels c = channels(view, static_cast<std::size_t>(axis), where);
  graph::Attributes attributes;
  attributes.set("momentum", 0.1);
  attributes.set("epsilon", 1e-12);  // so small that the root of 1 + epsilon is 1
  attributes.set("affine", std::string("yes"));
  const graph::NodeId node =
      graph::find_operator("batch_norm")->build(graph(), c.node, attributes, {});
  const std::string label = graph().node(node).label;
  const auto count = static_cast<std::size_t>(c.count);
  set_numbers(label + ".mean", std::vector<float>(count, 0.0f));
  set_numbers(label + ".variance", std::vector<float>(count, 1.0f));
  set_numbers(label + ".scale", placed(scales, c.count, c.order));
  set_numbers(label + ".shift", placed(shifts, c.count, c.order));
  return Value{.view = {node, this->view(x, where).axes}};
}

void Reader::set_numbers(const std::string& label, std::vector<float> numbers) {
  network_.numbers[graph().find(label)] = std::move(numbers);
}

std::string Reader::free_label(const std::string& name) {
  std::string label;
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) && static_cast<unsigned char>(c) < 128)
      label += c;
    else if (!label.empty() && label.back() != '_')
      label += '_';
  const bool good = !label.empty() && std::isalpha(static_cast<unsigned char>(label[0])) &&
                    label.size() <= 64 && graph().find(label) < 0;
  return good ? label : std::string();
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
        throw Unmapped(
            concat(where, " has an axis ", extents.size(),
                   " whose extent is not fixed; only that of the batch, axis 0, may vary"));
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
  if (source_.output_size() != 1)
    throw Unmapped(concat("the model has ", source_.output_size(), " outputs instead of one"));
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
  if (operator_set_ < 1 || operator_set_ > 22)
    throw Unmapped(concat("the model is of operator set ", operator_set_,
                          "; 1 to 22 are read, export it as 17"));
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
