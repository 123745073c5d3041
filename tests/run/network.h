#pragma once

// A small network with its losses, its gradients and one batch of data, evaluated by the CPU's plan
// and by the reference: what the tests of this folder share.

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/base/thread_pool.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/loss.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/pass/advance.h"
#include "rectify/pass/differentiate.h"
#include "rectify/pass/precision.h"
#include "rectify/run/plan.h"
#include "tests/reference/reference.h"

namespace rectify::run {

using graph::NodeId;

/// What a loss compares the outputs with.
enum class Target { classes, binary, numbers };

struct LossCase {
  std::string loss;
  Target target;
  std::int64_t outputs;
  double smoothing = 0;  ///< of softmax_cross_entropy
  std::string text() const {
    constexpr const char* names[] = {"classes", "one output", "numbers"};
    return loss + " of " + names[static_cast<int>(target)] + ", " + std::to_string(outputs) +
           (smoothing > 0 ? ", smoothed" : "");
  }
};

/// The loss of five classes.
inline const LossCase softmax{"softmax_cross_entropy", Target::classes, 5};

/// Whether targets are numbers alone: nobody trains classes with these.
inline bool is_of_numbers(const std::string& loss) {
  return loss == "mean_absolute_error" || loss == "huber";
}

/// Every loss with every kind of target that it is defined for.
inline std::vector<LossCase> loss_cases() {
  std::vector<LossCase> cases;
  for (const std::string& loss : graph::loss_names()) {
    if (!is_of_numbers(loss)) cases.push_back({loss, Target::classes, 5});
    if (loss != "softmax_cross_entropy" && !is_of_numbers(loss))
      cases.push_back({loss, Target::binary, 1});
    cases.push_back({loss, Target::numbers, loss == "hinge" ? 1 : 5});
  }
  for (const Target target : {Target::classes, Target::numbers})
    cases.push_back({"softmax_cross_entropy", target, 5, 0.25});
  return cases;
}

using Values = std::map<NodeId, std::vector<float>>;

struct Network {
  graph::Graph graph;
  std::vector<NodeId> losses;
  pass::ParameterGradients gradients;
  std::int64_t batch = 1;
  std::map<NodeId, std::vector<double>> given;  ///< inputs and parameters; all fit floats
  bool bfloat16 = false;                        ///< whether products' factors are rounded
  bool winograd = true;                         ///< whether convolutions may be computed so

  ParameterLayout layout() const { return ParameterLayout(graph); }
};

/// Numbers of the parameters and samples: on a grid of 1/8, so that sums of products of the first
/// layer are exact in floats too and the CPU takes the same side of every kink as the reference
/// (without Winograd's algorithm, of which no sum is exact); otherwise normal.
enum class Draw { grid, normal };

/// Appends targets and the loss, an l1_penalty on every activation if `l1` is not 0, gradients and
/// the next values of states.
inline Network with_losses(graph::Graph forward, const LossCase& loss, std::int64_t batch,
                           double l1 = 0) {
  Network n{.graph = std::move(forward), .batch = batch};
  Type target = n.graph.node(n.graph.result).type;
  if (loss.target != Target::numbers)
    target = {.shape = graph::rows_of(target.shape), .element = Element::int32};
  const NodeId input = n.graph.add_input(target, "target");
  graph::Attributes smoothing;
  if (loss.smoothing > 0) smoothing.set("smoothing", loss.smoothing);
  n.losses.push_back(n.graph.add(loss.loss, {n.graph.result, input}, smoothing, "loss"));
  if (l1 > 0)
    for (const NodeId id : graph::activations(n.graph)) {
      graph::Attributes attributes;
      attributes.set("weight", l1);
      n.losses.push_back(n.graph.add("l1_penalty", {id}, attributes));
    }
  n.gradients = pass::differentiate(n.graph, n.losses);
  pass::advance(n.graph);
  return n;
}

inline double draw(double normal, double deviation, Draw how) {
  if (how == Draw::normal) return static_cast<float>(deviation * normal);
  return std::clamp(std::round(8 * deviation * normal), -64.0, 64.0) / 8;
}

/// The first normal numbers of a stream. Many networks of a test begin with the same ones, and what
/// they compute takes less time than drawing them does: they are drawn once.
inline const std::vector<double>& normal_numbers(std::uint64_t seed, std::uint32_t stream,
                                                 std::size_t count) {
  static std::map<std::pair<std::uint64_t, std::uint32_t>, std::vector<double>> drawn;
  std::vector<double>& numbers = drawn[{seed, stream}];
  const Random random(seed, stream);
  for (std::size_t i = numbers.size(); i < count; ++i) numbers.push_back(random.normal(i));
  return numbers;
}

/// Fills in samples, targets and parameters.
inline void draw_data(Network& n, const LossCase& loss, std::uint64_t seed, Draw how) {
  std::uint32_t stream = 0;
  for (NodeId id = 0; id < n.graph.size(); ++id) {
    const graph::Node& node = n.graph.node(id);
    if (!node.op->given) continue;
    const Random random(seed, ++stream);
    std::vector<double>& v = n.given[id];
    v.assign(static_cast<std::size_t>(node.type.size(n.batch)), 0);
    if (node.label == "target") {
      for (std::size_t i = 0; i < v.size(); ++i) {
        if (loss.target == Target::classes)
          v[i] = random.below(i, static_cast<std::uint32_t>(loss.outputs));
        else if (loss.target == Target::binary || loss.loss == "hinge")
          v[i] = random.below(i, 2);
        else
          v[i] = random.below(i, 8) / 8.0;
      }
      // The sign of a difference that is 0 but for rounding is anybody's: the targets lie beyond
      // the answers, above or below by output.
      for (std::size_t i = 0; loss.loss == "mean_absolute_error" && i < v.size(); ++i)
        v[i] += i % 2 == 0 ? 1000 : -1000;
      if (loss.loss == "softmax_cross_entropy" && loss.target == Target::numbers)
        for (std::size_t first = 0; first < v.size(); first += loss.outputs) {
          std::fill_n(v.begin() + first, loss.outputs, 0.0);  // a distribution: 3/4 here, 1/4 there
          v[first + random.below(first, 2)] = 0.75;
          v[first + 2 + random.below(first + 1, 2)] = 0.25;
        }
      continue;
    }
    const bool weight = node.op->name == "parameter" && node.type.shape.rank() > 1;
    const double deviation =
        weight ? 1 / std::sqrt(static_cast<double>(graph::fan_of(node).in)) : 0.5;
    const std::vector<double>& numbers = normal_numbers(seed, stream, v.size());
    for (std::size_t i = 0; i < v.size(); ++i)
      v[i] = draw(numbers[i], node.op->name == "input" ? 1 : deviation, how);
    if (node.label.ends_with(".variance"))
      for (double& variance : v) variance = std::abs(variance) + 0.25;
  }
}

inline Network network(const std::string& text, const LossCase& loss, std::int64_t batch,
                       std::uint64_t seed, Draw how, double l1 = 0) {
  Network n = with_losses(graph::parse_model(text), loss, batch, l1);
  n.winograd = how != Draw::grid;
  draw_data(n, loss, seed, how);
  return n;
}

/// Writes what is given into a plan's inputs.
inline void fill(Plan& plan, const Network& n) {
  for (const auto& [id, values] : n.given) {
    const graph::Node& node = n.graph.node(id);
    if (node.op->name != "input") continue;
    if (node.type.element == Element::int32)
      std::transform(values.begin(), values.end(), plan.labels(id),
                     [](double v) { return static_cast<std::int32_t>(v); });
    else
      std::transform(values.begin(), values.end(), plan.input(id),
                     [](double v) { return static_cast<float>(v); });
  }
}

inline Buffer parameters_of(const Network& n, const ParameterLayout& layout) {
  Buffer buffer(layout.floats());
  for (const ParameterSlot& slot : layout.slots())
    std::transform(n.given.at(slot.node).begin(), n.given.at(slot.node).end(),
                   buffer.data() + slot.offset, [](double v) { return static_cast<float>(v); });
  return buffer;
}

/// What run_on_cpu keeps besides what is bound.
inline std::set<NodeId> kept_values(const Network& n, bool keep_all) {
  std::set<NodeId> keep(n.losses.begin(), n.losses.end());
  keep.insert(n.graph.result);
  if (keep_all)
    for (NodeId id = 0; id < n.graph.size(); ++id) keep.insert(id);
  return keep;
}

/// Every value of the graph when all are kept, or the losses, the result and the bound gradients as
/// training has them. Inputs are left out.
inline Values run_on_cpu(const Network& n, ThreadPool& threads, bool keep_all, bool training = true,
                         RunState state = {.seed = 7, .step = 3}) {
  const ParameterLayout layout = n.layout();
  Buffer parameters = parameters_of(n, layout), gradients(layout.floats());
  PlanOptions options{
      .batch = n.batch, .training = training, .bfloat16 = n.bfloat16, .winograd = n.winograd};
  options.keep = kept_values(n, keep_all);
  if (!keep_all)
    for (const auto& [parameter, gradient] : n.gradients)
      options.bound[gradient] = gradients.data() + layout.slot_of(parameter).offset;
  Plan plan(n.graph, layout, parameters.data(), threads, options);
  fill(plan, n);
  plan.run(state);
  Values values;
  for (NodeId id = 0; id < n.graph.size(); ++id) {
    if (n.graph.node(id).op->given) continue;
    if (!options.keep.contains(id) && !options.bound.contains(id)) continue;
    const std::span<const float> value = plan.value(id);
    values[id] = {value.begin(), value.end()};
  }
  return values;
}

inline reference::Values run_reference(const Network& n, bool training = true,
                                       RunState state = {.seed = 7, .step = 3},
                                       bool keep_all = true) {
  if (!n.bfloat16) return reference::evaluate(n.graph, n.batch, training, state, n.given);
  const pass::Rewritten rounded = in_bfloat16(n.graph, kept_values(n, keep_all));
  std::map<NodeId, std::vector<double>> given;
  for (const auto& [id, values] : n.given) given[rounded.at[id]] = values;
  const reference::Values all = reference::evaluate(rounded.graph, n.batch, training, state, given);
  reference::Values values;
  for (const NodeId id : rounded.at) values.push_back(all[id]);
  return values;
}

/// L2 norm of the difference over the L2 norm of what is right; 0 when both are 0, and infinite
/// when the sizes differ or a NaN is on one side.
inline double distance(const std::vector<float>& got, const std::vector<double>& want) {
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    difference += (got[i] - want[i]) * (got[i] - want[i]);
    norm += want[i] * want[i];
  }
  if (got.size() != want.size() || std::isnan(difference)) return INFINITY;
  return difference == 0 ? 0 : std::sqrt(difference / norm);
}

}  // namespace rectify::run
