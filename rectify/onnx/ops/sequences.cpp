// LSTM, GRU and RNN in the general way.
#include <cmath>

#include "rectify/activation/activation.h"
#include "rectify/graph/operator.h"
#include "rectify/onnx/general.h"
#include "rectify/onnx/mapping.h"
#include "rectify/onnx/reader.h"

namespace rectify::onnx::ops {

namespace {

using Extents = std::vector<std::int64_t>;

struct Sizes {
  std::int64_t places, sequences, directions, units;
};

/// What all three have in common. Throws Unmapped for what is not read of them.
Sizes sizes_of(GeneralCall& call, std::int64_t gates) {
  const Extents x = call.extents(0), w = call.constant(1).extents, r = call.constant(2).extents;
  if (x.size() != 3 || w.size() != 3 || r.size() != 3) fail(call.where(), " wants three axes");
  if (call.integer("layout", 0) != 0) call.unmapped("has the batch first; export it with layout 0");
  if (call.attribute("clip")) call.unmapped("clips its gates");
  if (call.has(4)) {
    const std::vector<float> lengths = call.constant(4).as_floats();
    for (const float length : lengths)
      if (length != static_cast<float>(x[0])) call.unmapped("has sequences of different lengths");
  }
  const Sizes s{x[0], x[1], w[0], r[2]};
  if (s.units < 1 || s.directions < 1 || s.directions > 2 || w[1] != gates * s.units ||
      w[2] != x[2] || r[0] != s.directions || r[1] != w[1])
    fail(call.where(), " has weights of ", Shape(w).text(), " for ", x[2], " inputs and ", s.units,
         " units");
  return s;
}

/// The activations of the gates, which must be those that `wanted` repeats for each direction.
void check_activations(const GeneralCall& call, const std::vector<std::string>& wanted) {
  const auto* given = call.attribute("activations");
  if (!given) return;
  for (int i = 0; i < given->strings_size(); ++i)
    if (given->strings(i) != wanted[static_cast<std::size_t>(i) % wanted.size()])
      call.unmapped("has ", given->strings(i), " as activation; ",
                    wanted[static_cast<std::size_t>(i) % wanted.size()], " is read there");
}

std::string direction_of(const GeneralCall& call) {
  const std::string direction = call.word("direction", "forward");
  return direction == "bidirectional" ? "both" : direction;
}

/// An input of those extents, or zeros.
graph::NodeId state(GeneralCall& call, int input, const Extents& extents) {
  if (call.has(input)) return call.reader.laid(call.view(input));
  const std::int64_t all = checked_size(extents, call.where());
  if (all > (1 << 24)) call.unmapped("starts from ", all, " zeros");
  const auto size = static_cast<std::size_t>(all);
  return call.reader.laid(call.row_of_numbers(std::vector<float>(size, 0.0f), extents));
}

/// Y and the last h of all directions, from h of each place, places x directions x sequences x
/// units.
void give_places(GeneralCall& call, const View& h, const Sizes& s) {
  const View y = call.part(h, 0, 0, s.places);
  if (call.gives(0)) call.give(y);
  if (!call.gives(1)) return;
  std::vector<View> ends;
  for (std::int64_t d = 0; d < s.directions; ++d) {
    const bool reverse = d == 1 || call.word("direction", "forward") == "reverse";
    View end = call.part(call.part(y, 0, reverse ? 0 : s.places - 1, 1), 1, d, 1);
    end.axes.erase(end.axes.begin());
    ends.push_back(end);
  }
  call.give(call.joined(ends, 0), false, 1);
}

void read_lstm(GeneralCall& call) {
  const Sizes s = sizes_of(call, 4);
  check_activations(call, {"Sigmoid", "Tanh", "Tanh"});
  if (call.has(7)) call.unmapped("has peepholes");
  if (call.integer("input_forget", 0) != 0)
    call.unmapped("joins its gates of input and of forgetting");
  const Extents one = {s.directions, s.sequences, s.units};
  graph::Attributes attributes;
  attributes.set("direction", direction_of(call));
  const graph::NodeId node =
      call.graph().add("lstm",
                       {call.reader.laid(call.view(0)), call.reader.laid(call.view(1)),
                        call.reader.laid(call.view(2)), state(call, 3, {s.directions, 8 * s.units}),
                        state(call, 5, one), state(call, 6, one)},
                       attributes, call.label());
  const View all = natural_view(call.graph(), node);
  give_places(call, all, s);
  if (!call.gives(2)) return;
  View cell = call.part(all, 0, s.places, 1);
  cell.axes.erase(cell.axes.begin());
  call.give(cell, false, 2);
}

void read_gru(GeneralCall& call) {
  const Sizes s = sizes_of(call, 3);
  check_activations(call, {"Sigmoid", "Tanh"});
  graph::Attributes attributes;
  attributes.set("direction", direction_of(call));
  attributes.set("reset",
                 std::string(call.integer("linear_before_reset", 0) != 0 ? "after" : "before"));
  const graph::NodeId node =
      call.graph().add("gru",
                       {call.reader.laid(call.view(0)), call.reader.laid(call.view(1)),
                        call.reader.laid(call.view(2)), state(call, 3, {s.directions, 6 * s.units}),
                        state(call, 5, {s.directions, s.sequences, s.units})},
                       attributes, call.label());
  give_places(call, natural_view(call.graph(), node), s);
}

/// The row of the family with that operator of ONNX; null if there is none.
const activation::Row* row_of_operator(const std::string& onnx) {
  for (const activation::Row& row : activation::family())
    if (row.onnx == onnx) return &row;
  return nullptr;
}

/// A list from which the functions of RNN take their numbers, one after the other; a function
/// without such a number takes none.
class Numbers {
 public:
  Numbers(const GeneralCall& call, std::string_view name) : list_(call.numbers(name)) {}
  double next(double otherwise) { return at_ < list_.size() ? tidy(list_[at_++]) : otherwise; }

 private:
  std::vector<float> list_;
  std::size_t at_ = 0;
};

/// The attributes of `recurrent` for a function of RNN.
graph::Attributes attributes_of(const GeneralCall& call, const std::string& name, Numbers& alphas,
                                Numbers& betas) {
  const activation::Row* row = row_of_operator(name);
  if (!row) call.unmapped("has ", name, " as activation, which is not read there");
  graph::Attributes attributes;
  attributes.set("row", std::string(row->name));
  for (const activation::ParameterInfo& number : row->parameters)
    attributes.set(number.name, number.value);
  if (!row->parameters.empty() && row->name != "relu") {
    const activation::ParameterInfo& number = row->parameters[0];
    const double alpha = alphas.next(number.value);
    if (!(alpha >= number.low && alpha <= number.high))
      call.unmapped("has ", name, " with an alpha of ", alpha, " as activation; ", number.low,
                    " to ", number.high, " are read there");
    attributes.set(number.name, alpha);
  }
  if (name == "HardSigmoid") {
    const activation::Parameters p = row->defaults();
    const double alpha = alphas.next(0.2), beta = betas.next(0.5);
    if (std::abs(alpha - row->slope(0, p)) > 1e-6 || std::abs(beta - row->value(0, p)) > 1e-6)
      call.unmapped("has HardSigmoid with ", alpha, " x + ", beta,
                    " as activation; x / 6 + 0.5 is read there");
  }
  return attributes;
}

/// The attributes of `recurrent` for each direction.
std::vector<graph::Attributes> attributes_of(const GeneralCall& call, std::int64_t directions) {
  const auto* names = call.attribute("activations");
  Numbers alphas(call, "activation_alpha"), betas(call, "activation_beta");
  std::vector<graph::Attributes> all;
  for (int d = 0; d < static_cast<int>(directions); ++d) {
    const bool given = names && d < names->strings_size();
    all.push_back(attributes_of(call, given ? names->strings(d) : "Tanh", alphas, betas));
  }
  return all;
}

/// One direction of RNN over sequences x places x inputs: a layer and `recurrent`.
View of_direction(GeneralCall& call, const View& x, const Sizes& s, std::int64_t d, bool reverse,
                  const graph::Attributes& row) {
  const std::int64_t inputs = extent_of(x.axes[2]);
  const auto slice = [&](int input, std::int64_t size) {
    const std::vector<float> all = call.constant(input).as_floats();
    const auto first = all.begin() + d * size;
    return std::vector<float>(first, first + size);
  };
  const auto turned = [&](const std::vector<float>& m, std::int64_t columns) {
    std::vector<float> t(m.size());
    for (std::int64_t i = 0; i < s.units; ++i)
      for (std::int64_t j = 0; j < columns; ++j)
        t[static_cast<std::size_t>(j * s.units + i)] = m[static_cast<std::size_t>(i * columns + j)];
    return t;
  };
  const auto backwards = [&](const View& v) {
    return call.cut(v, {0, s.places - 1, 0}, {1, -1, 1}, v.extents());
  };
  std::vector<float> bias(static_cast<std::size_t>(s.units), 0.0f);
  if (call.has(3)) {
    const std::vector<float> both = slice(3, 2 * s.units);
    for (std::size_t i = 0; i < bias.size(); ++i) bias[i] = both[i] + both[bias.size() + i];
  }
  View y = reverse ? backwards(x) : x;
  y = call.product(y, turned(slice(1, s.units * inputs), inputs), s.units, &bias);
  const graph::NodeId node = call.reader.build("recurrent", call.reader.laid(y), row, call.label());
  call.reader.set_numbers(node, "weight", turned(slice(2, s.units * s.units), s.units));
  y = natural_view(call.graph(), node);
  return reverse ? backwards(y) : y;
}

void read_rnn(GeneralCall& call) {
  const Sizes s = sizes_of(call, 1);
  if (call.has(5))
    for (const float number : call.constant(5).as_floats())
      if (number != 0) call.unmapped("starts from numbers that are not 0");
  if (call.has(3) && call.constant(3).size() != 2 * s.directions * s.units)
    fail(call.where(), " has ", call.constant(3).size(), " biases");
  const std::vector<graph::Attributes> rows = attributes_of(call, s.directions);
  const View x = permuted(call.view(0), {1, 0, 2});
  std::vector<View> all;
  for (std::int64_t d = 0; d < s.directions; ++d) {
    const bool reverse = d == 1 || call.word("direction", "forward") == "reverse";
    View y = permuted(of_direction(call, x, s, d, reverse, rows[static_cast<std::size_t>(d)]),
                      {1, 0, 2});
    y.axes.insert(y.axes.begin() + 1, Axis{});
    all.push_back(y);
  }
  give_places(call, call.joined(all, 1), s);
}

}  // namespace

std::span<const Mapping> sequences() {
  static const Mapping all[] = {
      {.onnx = "LSTM", .general = read_lstm},
      {.onnx = "GRU", .general = read_gru},
      {.onnx = "RNN", .general = read_rnn},
  };
  return all;
}

}  // namespace rectify::onnx::ops
