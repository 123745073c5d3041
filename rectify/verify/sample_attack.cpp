#include "rectify/verify/sample_attack.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/model/loss.h"
#include "rectify/pass/differentiate.h"

namespace rectify::verify {

using graph::NodeId;

std::int32_t answer_of(std::span<const float> output) {
  return static_cast<std::int32_t>(std::ranges::max_element(output) - output.begin());
}

bool Neighbourhood::has(std::span<const float> input) const {
  double square = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double x = input[i], change = x - double{sample[i]};
    if (!(x >= lower[i] && x <= upper[i])) return false;
    square += change * change;
  }
  return norm == Norm::inf || std::sqrt(square) <= radius;
}

namespace {

constexpr const char* door = "attack.door";

/// The network behind an activation that changes nothing, a prelu with the slope 1: because its
/// slope could be learnt, differentiation goes on to the input.
graph::Graph with_door(const graph::Graph& network) {
  if (graph::ids_of(network) > 0)
    fail("the network reads ids, such as characters of a text, which cannot be changed by little");
  graph::Graph copy;
  std::vector<NodeId> copies;
  for (NodeId id = 0; id < network.size(); ++id) {
    graph::Node node = network.node(id);
    for (NodeId& input : node.inputs) input = copies[static_cast<std::size_t>(input)];
    const bool is_input = node.label == "input";
    copies.push_back(copy.add_copy(std::move(node)));
    if (!is_input) continue;
    graph::Attributes prelu;
    prelu.set("row", std::string("prelu"));
    prelu.set("learn", std::string("yes"));
    copies.back() = graph::add_activation(copy, copies.back(), prelu, door);
  }
  copy.result = copies[static_cast<std::size_t>(network.result)];
  return copy;
}

/// Puts an input back: into the box, and with Norm::two to the radius around the sample.
void put_back(const Neighbourhood& around, std::span<double> x) {
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = std::clamp(x[i], around.lower[i], around.upper[i]);
  if (around.norm == Norm::inf) return;
  double square = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    square += (x[i] - around.sample[i]) * (x[i] - around.sample[i]);
  const double factor = around.radius / std::sqrt(square);
  if (factor >= 1) return;
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] = around.sample[i] + factor * (x[i] - around.sample[i]);
}

/// In float32, towards the sample, so that it stays inside.
std::vector<float> rounded_inwards(const Neighbourhood& around, std::span<const double> x) {
  std::vector<float> y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    y[i] = static_cast<float>(x[i]);
    const bool further =
        std::abs(double{y[i]} - around.sample[i]) > std::abs(x[i] - around.sample[i]);
    if (further) y[i] = std::nextafter(y[i], around.sample[i]);
  }
  return y;
}

/// A step against the gradient, as long as the norm says.
void go_down(const Neighbourhood& around, std::span<const float> gradient, double step,
             std::span<double> x) {
  if (around.norm == Norm::inf) {
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] -= step * ((gradient[i] > 0) - (gradient[i] < 0));
    return;
  }
  double square = 0;
  for (const float g : gradient) square += double{g} * g;
  if (square == 0) return;
  const double factor = step / std::sqrt(square);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] -= factor * gradient[i];
}

}  // namespace

struct SampleAttack::Graphs {
  NodeId gradient;  ///< of the loss in the input; made with the graph
  graph::Graph graph;
  std::vector<data::Scaling> scalings;
  run::ParameterLayout layout;
  Buffer parameters;
  std::map<std::int64_t, std::unique_ptr<run::Plan>> plans;

  explicit Graphs(const model::Model& model)
      : graph(made(model, gradient)),
        scalings(model.normalisation.inputs),
        layout(graph),
        parameters(layout.floats()) {
    for (const run::ParameterSlot& slot : layout.slots()) {
      const NodeId own = model.graph.find(slot.label);
      float* const to = parameters.data() + slot.offset;
      if (own < 0)
        std::fill_n(to, slot.size, 1.0f);
      else
        std::copy_n(model.parameters.data() + model.layout.slot_of(own).offset, slot.size, to);
    }
  }

  static graph::Graph made(const model::Model& model, NodeId& gradient) {
    graph::Graph graph = with_door(model.graph);
    const NodeId loss = model::add_loss(graph, "softmax_cross_entropy", true);
    const NodeId slope = pass::differentiate(graph, {loss}).at(graph.find(concat(door, ".a")));
    gradient = graph.node(slope).inputs[0];  // what comes back to the door
    return graph;
  }

  run::Plan& plan_for(std::int64_t batch, ThreadPool& threads) {
    auto& plan = plans[batch];
    if (!plan)
      plan = std::make_unique<run::Plan>(graph, layout, parameters.data(), threads,
                                         run::PlanOptions{.batch = batch, .keep = {gradient}});
    return *plan;
  }
};

SampleAttack::SampleAttack(const model::Predictor& predictor, ThreadPool& threads)
    : predictor_(predictor), threads_(threads) {
  if (predictor.outputs() < 2)
    fail("the network has one output; an attack wants an output for each class");
  graphs_ = std::make_unique<Graphs>(predictor.model());
}

SampleAttack::~SampleAttack() = default;

std::optional<Fallen> SampleAttack::find(const Neighbourhood& around, std::int32_t label,
                                         const AttackEffort& effort) {
  const std::size_t n = around.sample.size(), classes = predictor_.outputs();
  const std::size_t towards = classes - 1;
  const auto tries = towards * static_cast<std::size_t>(effort.restarts);
  run::Plan& plan = graphs_->plan_for(static_cast<std::int64_t>(tries), threads_);
  std::vector<double> x(tries * n);
  std::vector<float> inputs(tries * n), outputs(tries * classes);
  for (std::size_t t = 0; t < tries; ++t) {
    const Random random(effort.seed, 0x1700, static_cast<std::uint32_t>(t));
    for (std::size_t i = 0; i < n; ++i)
      x[t * n + i] =
          t < towards ? double{around.sample[i]}
                      : around.lower[i] + (around.upper[i] - around.lower[i]) * random.uniform(i);
    put_back(around, std::span(x).subspan(t * n, n));
  }
  for (int step = 0; step <= effort.steps; ++step) {
    threads_.run(tries, [&](std::size_t t) {
      std::ranges::copy(rounded_inwards(around, std::span(x).subspan(t * n, n)),
                        inputs.data() + t * n);
    });
    predictor_.run(inputs, outputs);
    for (std::size_t t = 0; t < tries; ++t) {
      const std::span<const float> output = std::span(outputs).subspan(t * classes, classes);
      const std::span<const float> input = std::span(inputs).subspan(t * n, n);
      if (answer_of(output) != label && around.has(input))
        return Fallen{
            {input.begin(), input.end()}, {output.begin(), output.end()}, answer_of(output)};
    }
    if (step == effort.steps) break;
    std::int32_t* const target = plan.labels(graphs_->graph.find("target"));
    for (std::size_t t = 0; t < tries; ++t)
      target[t] =
          static_cast<std::int32_t>((static_cast<std::size_t>(label) + 1 + t % towards) % classes);
    data::scale(inputs, n, graphs_->scalings, plan.input(graphs_->graph.find("input")));
    plan.run({});
    const std::span<const float> gradient = plan.value(graphs_->gradient);
    // Long steps first, short ones in the end.
    const double length = around.radius * 0.5 * std::pow(0.02, double{1} * step / effort.steps);
    threads_.run(tries, [&](std::size_t t) {
      const std::span<double> mine = std::span(x).subspan(t * n, n);
      go_down(around, gradient.subspan(t * n, n), length, mine);
      put_back(around, mine);
    });
  }
  return {};
}

}  // namespace rectify::verify
