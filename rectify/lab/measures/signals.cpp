// What passes through a network at its initial weights, forward and backward, on one batch: sizes
// by layer, zeros, gradients, the signs of what a unit is told; for one depth after another.

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/text.h"
#include "rectify/lab/cell_training.h"
#include "rectify/lab/measure.h"
#include "rectify/model/evaluate.h"
#include "rectify/run/plan.h"
#include "rectify/train/feed/dataset_feed.h"
#include "rectify/train/initial_model.h"

namespace rectify::lab::ops {

namespace {

/// Numbers of a value, in double precision.
struct Moments {
  double mean = 0, square = 0, largest = 0, zeros = 0;
  double variance() const { return square - mean * mean; }
};

/// The larger of two sizes; NaN where either is, which std::max may pass over.
double larger(double a, double b) { return std::isnan(a) || a > b ? a : b; }

Moments moments(std::span<const float> values) {
  Moments m;
  for (const double v : values) {
    m.mean += v;
    m.square += v * v;
    m.largest = larger(m.largest, std::abs(v));
    m.zeros += v == 0 ? 1 : 0;
  }
  const auto n = static_cast<double>(values.size());
  return {m.mean / n, m.square / n, m.largest, m.zeros / n};
}

/// The share of a group's numbers that have the sign which most of them have, mean over groups;
/// zeros have no sign. Number i belongs to group `group(i)`.
template <class Group>
double same_sign(std::span<const float> values, std::size_t groups, Group group) {
  std::vector<double> up(groups), down(groups);
  for (std::size_t i = 0; i < values.size(); ++i) {
    up[group(i)] += values[i] > 0 ? 1 : 0;
    down[group(i)] += values[i] < 0 ? 1 : 0;
  }
  double sum = 0, counted = 0;
  for (std::size_t g = 0; g < groups; ++g) {
    if (up[g] + down[g] == 0) continue;
    sum += std::max(up[g], down[g]) / (up[g] + down[g]);
    counted += 1;
  }
  return counted == 0 ? std::nan("") : 100 * sum / counted;
}

/// What one hidden layer does.
struct LayerNumbers {
  Moments before, after;  ///< of the pre-activation, of the output
  double gradient = 0;    ///< L2 norm of the loss's gradient in the weight that feeds it
  double same_sign_sample = 0, same_sign_batch = 0;
};

/// A batch through the network of one depth, in training.
class SignalRun {
 public:
  SignalRun(const train::Options& options, const data::Dataset& dataset, std::size_t batch,
            ThreadPool& threads)
      : samples_(model::all_samples(std::min(batch, dataset.train.count))),
        model_(train::initial_model(options, dataset, samples_, threads)),
        objective_(
            train::supervised(model_.graph, train::supervision_of(options, model_, dataset))),
        plan_(objective_.graph, model_.layout, model_.parameters.data(), threads,
              {.batch = static_cast<std::int64_t>(samples_.size()),
               .training = true,
               .keep = kept(),
               .fuse = false}) {
    train::DatasetFeed feed(options, dataset, samples_, model_.normalisation, threads);
    feed.begin_epoch(0);
    feed.fill(plan_, objective_.graph, samples_);
    plan_.run({.seed = options.seed, .step = 0});
  }

  std::vector<LayerNumbers> layers() const {
    std::vector<LayerNumbers> all;
    for (const graph::NodeId id : graph::activations(model_.graph)) all.push_back(layer(id));
    return all;
  }

 private:
  std::set<graph::NodeId> kept() const {
    std::set<graph::NodeId> all;
    for (const graph::NodeId id : graph::activations(model_.graph)) {
      all.insert(id);
      all.insert(model_.graph.node(id).inputs[0]);
    }
    for (const auto& [parameter, gradient] : objective_.directions) {
      all.insert(gradient);
      for (const graph::NodeId user : model_.graph.users(parameter))
        all.insert(model_.graph.node(user).inputs[0]);
    }
    std::erase_if(all, [&](graph::NodeId id) {
      return objective_.graph.node(id).type.element != Element::float32;
    });
    return all;
  }

  LayerNumbers layer(graph::NodeId id) const {
    const graph::Graph& graph = model_.graph;
    LayerNumbers numbers{.before = moments(plan_.value(graph.node(id).inputs[0])),
                         .after = moments(plan_.value(id))};
    const graph::NodeId weight = graph.find(graph::feeding_weight(graph, id));
    const auto direction = objective_.directions.find(weight);
    if (direction == objective_.directions.end()) return numbers;
    const std::span<const float> gradient = plan_.value(direction->second);
    numbers.gradient = std::sqrt(moments(gradient).square * static_cast<double>(gradient.size()));
    // The gradient of one sample in the weights of one unit is a number times what enters them, so
    // the signs of what enters are those of the gradient, or all others.
    const graph::NodeId layer_node = graph.users(weight).front();
    const std::span<const float> entering = plan_.value(graph.node(layer_node).inputs[0]);
    const std::size_t width = entering.size() / samples_.size();
    numbers.same_sign_sample =
        same_sign(entering, samples_.size(), [&](std::size_t i) { return i / width; });
    const auto units = static_cast<std::size_t>(graph.node(weight).type.shape.back());
    numbers.same_sign_batch = same_sign(gradient, units, [&](std::size_t i) { return i % units; });
    return numbers;
  }

  std::vector<std::uint32_t> samples_;
  model::Model model_;
  train::Objective objective_;
  run::Plan plan_;
};

/// Standard normal samples of ten classes: what a layer's theory is about.
data::Dataset normal_samples(std::int64_t width, std::size_t count, std::uint64_t seed) {
  data::Dataset dataset;
  dataset.spec = "normal numbers";
  dataset.sample_shape = Shape{width};
  for (int c = 0; c < 10; ++c) dataset.class_names.push_back(std::to_string(c));
  const Random random(seed, static_cast<std::uint32_t>(Stream::data));
  for (data::Split* split : {&dataset.train, &dataset.test}) {
    split->count = count;
    for (std::size_t i = 0; i < count * static_cast<std::size_t>(width); ++i)
      split->values.push_back(static_cast<float>(random.normal(i)));
    for (std::size_t i = 0; i < count; ++i) split->labels.push_back(static_cast<int>(i % 10));
  }
  return dataset;
}

std::string at_depth(std::string text, int depth) {
  const auto put = [&](const std::string& slot, int value) {
    const std::string number = std::to_string(value);
    for (std::size_t at = text.find(slot); at != std::string::npos; at = text.find(slot))
      text.replace(at, slot.size(), number);
  };
  put("{depth}", depth);
  put("{half}", depth / 2);
  return text;
}

/// The slope of the least-squares line.
double slope(const std::vector<double>& x, const std::vector<double>& y) {
  double mx = 0, my = 0, xy = 0, xx = 0;
  const auto n = static_cast<double>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    mx += x[i] / n;
    my += y[i] / n;
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) * (x[i] - mx);
  }
  return xx == 0 ? std::nan("") : xy / xx;
}

/// The second moment's factor a layer, over the layers from the first on whose numbers are far
/// enough from the ends of a float's range to be told from 0 and from infinity.
double factor_a_layer(const std::vector<LayerNumbers>& layers) {
  constexpr double least = 1e-60, most = 1e60;
  std::size_t steps = 0;
  while (steps + 1 < layers.size() && layers[steps + 1].before.square > least &&
         layers[steps + 1].before.square < most)
    ++steps;
  return std::pow(layers[steps].before.square / layers.front().before.square,
                  1 / static_cast<double>(std::max<std::size_t>(1, steps)));
}

/// Curves over the layers of the deepest network, and figures of all and of the last of them.
void add_layers(const std::vector<LayerNumbers>& layers, Measured& out) {
  report::LabSeries zeros{.name = "zeros"}, deviation{.name = "deviation"},
      square{.name = "second moment"}, largest{.name = "largest"}, gradient{.name = "gradient"};
  double zero_sum = 0, zero_low = 100, zero_high = 0, worst_mean = 0, worst_variance = 0;
  double sample = 0, batch = 0;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const LayerNumbers& layer = layers[l];
    const auto at = static_cast<double>(l + 1);
    const double share = 100 * layer.after.zeros;
    const auto add = [&](report::LabSeries& series, double value) {
      series.x.push_back(at);
      series.y.push_back(value);
    };
    add(zeros, share);
    add(deviation, std::sqrt(layer.before.variance()));
    add(square, layer.before.square);
    add(largest, layer.after.largest);
    add(gradient, layer.gradient);
    if (layers.size() <= 5) out.figures.emplace_back(concat("zeros_", l + 1), share);
    zero_sum += share;
    zero_low = std::min(zero_low, share);
    zero_high = std::max(zero_high, share);
    worst_mean = larger(worst_mean, std::abs(layer.after.mean));
    worst_variance = larger(worst_variance, std::abs(layer.after.variance() - 1));
    if (l == 0) continue;  // what enters the first layer are the data
    sample += layer.same_sign_sample / static_cast<double>(layers.size() - 1);
    batch += layer.same_sign_batch / static_cast<double>(layers.size() - 1);
  }
  const LayerNumbers &first = layers.front(), &last = layers.back();
  out.figures.insert(out.figures.end(),
                     {{"zeros", zero_sum / static_cast<double>(layers.size())},
                      {"zeros_low", zero_low},
                      {"zeros_high", zero_high},
                      {"ratio", factor_a_layer(layers)},
                      {"growth", std::sqrt(last.before.square / first.before.square)},
                      {"growth_per_layer", std::sqrt(factor_a_layer(layers))},
                      {"largest", last.after.largest},
                      {"mean", last.after.mean},
                      {"variance", last.after.variance()},
                      {"worst_mean", worst_mean},
                      {"worst_variance", worst_variance},
                      {"gradient_first", first.gradient},
                      {"gradient_last", last.gradient},
                      {"same_sign_sample", sample},
                      {"same_sign_batch", batch}});
  for (report::LabSeries& series : std::vector{zeros, deviation, square, largest, gradient})
    out.series.push_back(std::move(series));
}

std::vector<int> depths_of(const Json& options) {
  auto depths = options.at("depths").get<std::vector<int>>();
  return depths.empty() ? std::vector{1} : depths;
}

void check(const Json& options) {
  const auto text = options.at("model").get<std::string>();
  for (const int depth : depths_of(options)) {
    const std::string model = at_depth(text, depth);
    training_options(options.at("train"), model, 0);
    graph::parse_model(model);
  }
}

Measured measure(const MeasureInput& input) {
  const auto batch = static_cast<std::size_t>(input.get<std::int64_t>("batch"));
  const auto width = input.get<std::int64_t>("width");
  const bool normal = input.dataset == nullptr;
  const data::Dataset dataset =
      normal ? normal_samples(width, batch, input.seed)
             : first_samples(*input.dataset, static_cast<std::int64_t>(batch), 1);
  const auto text = input.get<std::string>("model");
  const std::vector<int> depths = depths_of(input.options);
  Measured out;
  report::LabSeries by_depth{.name = "gradient by depth"};
  std::vector<double> deep, logs;
  for (std::size_t i = 0; i < depths.size(); ++i) {
    input.progress({.text = concat("depth ", depths[i]),
                    .done = static_cast<double>(i) / static_cast<double>(depths.size())});
    train::Options options =
        training_options(input.options.at("train"), at_depth(text, depths[i]), input.seed);
    options.validation = 0;
    const std::vector<LayerNumbers> layers =
        SignalRun(options, dataset, batch, input.threads).layers();
    if (layers.empty()) fail("the measure 'signals' wants a network with activations");
    by_depth.x.push_back(depths[i]);
    by_depth.y.push_back(layers.front().gradient);
    if (layers.front().gradient > 0) {
      deep.push_back(depths[i]);
      logs.push_back(std::log10(layers.front().gradient));
    }
    if (i + 1 == depths.size()) add_layers(layers, out);
  }
  if (depths.size() > 1) {
    out.series.push_back(by_depth);
    const double log_slope = slope(deep, logs);
    out.figures.emplace_back("gradient_slope", log_slope);  // powers of ten a layer
    out.figures.emplace_back("gradient_factor", std::pow(10, log_slope));
  }
  return out;
}

}  // namespace

std::span<const Measure> signals() {
  static const Measure all[] = {
      {.name = "signals",
       .summary = "what passes through a network at its initial weights, forward and backward",
       .version = 2,
       .options = {{"model", "", "the network's text; {depth} and {half} of it are filled in"},
                   {"depths", Json::array(), "one network each; figures are of the last"},
                   {"batch", 128, "samples"},
                   {"width", 512, "of normal samples, where the recipe has no data"},
                   {"train", Json::object(), "options of training: the initialiser, ..."}},
       .check = check,
       .measure = measure}};
  return all;
}

}  // namespace rectify::lab::ops
