#include "rectify/verify/sample_attack.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
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

void Neighbourhood::check_not_empty() const {
  for (std::size_t i = 0; i < lower.size(); ++i)
    if (lower[i] > upper[i])
      fail("no change of the sample is allowed: number ", i, ", which is ", sample[i],
           ", must be from ", lower[i], " to ", upper[i],
           "; give ranges of which no lower end is above the upper");
}

namespace {

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
  const model::Model& model;
  graph::Graph graph;
  NodeId gradient;  ///< of the loss in the input
  Buffer parameters;
  std::map<std::int64_t, std::unique_ptr<run::Plan>> plans;

  explicit Graphs(const model::Model& of)
      : model(of), graph(of.graph), parameters(of.layout.floats()) {
    if (graph::ids_of(graph) > 0)
      fail(
          "the network reads ids, such as characters of a text, which cannot be changed by little");
    const NodeId loss = model::add_loss(graph, "softmax_cross_entropy", true);
    gradient = pass::gradient_in(graph, {loss}, graph.find("input"));
    std::ranges::copy(model.parameters.span(), parameters.data());
  }

  run::Plan& plan_for(std::int64_t batch, ThreadPool& threads) {
    auto& plan = plans[batch];
    if (!plan)
      plan = std::make_unique<run::Plan>(graph, model.layout, parameters.data(), threads,
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
  around.check_not_empty();
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
    data::scale(inputs, n, predictor_.model().normalisation.inputs,
                plan.input(graphs_->graph.find("input")));
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
