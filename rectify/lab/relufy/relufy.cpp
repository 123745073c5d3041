#include "rectify/lab/relufy/relufy.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "rectify/activation/tails.h"
#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/diagnose/heal/mend.h"
#include "rectify/diagnose/heal/surgery.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/text.h"
#include "rectify/lab/relufy/sites.h"
#include "rectify/lab/relufy/tuning.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/loss.h"

namespace rectify::lab {

using graph::Attributes;
using graph::NodeId;

namespace {

/// What takes the place of smooth activations.
struct Rectifier {
  Attributes attributes;
  double edge;  ///< the value is exactly 0 up to there
};

Rectifier parse_rectifier(const std::string& item) {
  const graph::Graph one = graph::parse_model("1 : " + item);
  if (!graph::is_one_activation(one)) fail("'", item, "' is not one activation");
  const graph::Node& node = one.node(one.result);
  const activation::Tail tail =
      activation::left_tail(graph::activation_row(node), graph::activation_parameters(node));
  const bool zero = tail.kind == activation::Tail::Kind::equals && tail.value == 0 &&
                    tail.factor == 0 && tail.offset == 0;
  if (!zero || node.op->name == "activate_learned")
    fail(
        "the activation that takes the place of others must be exactly 0 to the left, such as "
        "relu or relu_squared; '",
        item, "' ", zero ? "learns" : activation::text_of(tail, true));
  return {node.attributes, tail.from};
}

void check_relufy(const RelufyOptions& options) {
  train::check(options.training);
  if (options.shift && !std::isfinite(*options.shift))
    fail("the shift must be a finite number, not ", number_text(*options.shift));
  if (!(options.zeros > 0 && options.zeros < 1))
    fail("the share of zeros must be between 0 and 1, both left out, not ",
         number_text(options.zeros));
}

std::string list_of(const graph::Graph& graph, std::span<const Site> sites) {
  std::string text;
  for (const Site& site : sites)
    text += concat(text.empty() ? "" : ", ", graph.node(site.node).label);
  return text;
}

/// The sites that the options ask for.
std::vector<Site> chosen_sites(const graph::Graph& graph, const RelufyOptions& options) {
  std::vector<Site> sites = smooth_sites(graph);
  if (sites.empty()) {
    const std::string others = list_of(graph, all_sites(graph));
    fail("there is nothing to replace: the network has no smooth activation before its answer",
         others.empty() ? " and no other" : concat(", only ", others));
  }
  std::vector<std::string> known;
  for (const Site& site : sites) known.push_back(graph.node(site.node).label);
  for (const std::string& label : options.layers)
    if (std::ranges::count(known, label) == 0)
      fail("there is no smooth activation '", label, "'", suggestion(label, known),
           "; there are: ", list_of(graph, sites));
  if (!options.layers.empty())
    std::erase_if(sites, [&](const Site& site) {
      return std::ranges::count(options.layers, graph.node(site.node).label) == 0;
    });
  return sites;
}

/// How far an error may be off by the choice of the samples: the standard error of a share, or of a
/// root of a mean of squares of normal numbers.
double standard_error(const model::Model& model, double error, std::size_t samples) {
  const auto n = static_cast<double>(std::max<std::size_t>(1, samples));
  if (model.class_names.empty()) return error / std::sqrt(2 * n);
  const double share = std::max(error, 1 / n);
  return std::sqrt(share * std::max(1 - share, 1 / n) / n);
}

/// One network on its way.
class Relufication {
 public:
  Relufication(const model::Model& model, const data::Dataset& dataset,
               const RelufyOptions& options, ThreadPool& threads, const ProgressCallback& progress,
               const StopCallback& stop)
      : dataset_(dataset),
        options_(options),
        threads_(threads),
        progress_(progress),
        stop_(stop),
        rectifier_(parse_rectifier(options.activation)),
        parts_(data::hold_out(dataset.train, options.training.validation,
                              options.training.split_seed)),
        model_(diagnose::copy_of(model)) {}

  Relufied run() {
    const std::vector<Site> sites = chosen_sites(model_.graph, options_);
    model::Model first = diagnose::copy_of(model_);
    Relufied::Errors before = validation_of(first);
    allowed_ =
        before.validation + standard_error(model_, before.validation, before.validation_samples);
    std::vector<RelufiedLayer> layers;
    for (std::size_t i = 0; i < sites.size(); ++i) {
      layer_ = i, layers_ = sites.size();
      layers.push_back(replace(first.graph.node(sites[i].node).label));
    }
    for (RelufiedLayer& layer : layers)  // those of earlier layers grew on the way
      if (const auto held = shifts_.find(layer.after); held != shifts_.end())
        layer.shift = held->second;
    count_zeros(first, &RelufiedLayer::label, &RelufiedLayer::zeros_before, layers);
    count_zeros(model_, &RelufiedLayer::after, &RelufiedLayer::zeros_after, layers);
    Relufied::Errors after = validation_of(model_);
    for (auto [model, errors] : {std::pair{&first, &before}, {&model_, &after}})
      add_test(*model, *errors);
    return {std::move(model_), std::move(layers), before, after};
  }

 private:
  /// By the label of an activation whose shift is chosen: how far it is shifted so far.
  using Shifts = std::map<std::string, double>;

  /// A network with one more layer replaced.
  struct Try {
    model::Model model;
    RelufiedLayer layer;
    Shifts shifts;
    double loss = 0;
  };

  RelufiedLayer replace(const std::string& label) {
    const std::vector<Site> sites = smooth_sites(model_.graph);
    const Site& site = *std::ranges::find_if(
        sites, [&](const Site& s) { return model_.graph.node(s.node).label == label; });
    try_ = 0;
    Try best = tried(site, true);
    if (!options_.shift && best.layer.shift > 0 && best.layer.error > allowed_) {
      try_ = 1;
      Try plain = tried(site, false);
      const bool better =
          std::pair{plain.layer.error, plain.loss} < std::pair{best.layer.error, best.loss};
      if (better) std::swap(best, plain);
      const std::string how =
          better ? concat("shifted by ", diagnose::short_text(plain.layer.shift)) : "unshifted";
      best.layer.said = concat(how, ", the error was ", error_text(plain.layer.error));
    }
    if (site.bias < 0) best.layer.said = "not shifted: there is no bias of its own before it";
    model_ = std::move(best.model);
    shifts_ = std::move(best.shifts);
    return best.layer;
  }

  Try tried(const Site& site, bool shifted) {
    const graph::Node& node = model_.graph.node(site.node);
    Try now{.model = diagnose::with_activation(model_, {&site.node, 1}, rectifier_.attributes),
            .layer = {.label = node.label, .before = site.item},
            .shifts = shifts_};
    now.layer.after = label_of_new(now.model.graph);
    if (options_.shift && site.bias >= 0) {
      now.layer.shift = *options_.shift;
      shift_by(*options_.shift, site_of(now.layer.after, now.model.graph), now.model);
    } else if (shifted && site.bias >= 0) {
      now.shifts[now.layer.after] = 0;
    }
    hold_zeros(now);
    std::vector<Shifts> after_epoch = {now.shifts};
    const Tuned tuned = fine_tune(
        now.model, options_.training, dataset_, parts_, threads_,
        [&] {
          if (options_.hold) hold_zeros(now);
          after_epoch.push_back(now.shifts);
        },
        shown(node.label), stop_);
    now.shifts = after_epoch[static_cast<std::size_t>(tuned.best_epoch)];
    if (const auto held = now.shifts.find(now.layer.after); held != now.shifts.end())
      now.layer.shift = held->second;
    now.layer.swapped = tuned.error_before;
    now.layer.error = tuned.error;
    now.layer.best_epoch = tuned.best_epoch;
    now.loss = tuned.loss;
    return now;
  }

  static Site site_of(const std::string& label, const graph::Graph& graph) {
    const std::vector<Site> sites = all_sites(graph);
    return *std::ranges::find(sites, graph.find(label), &Site::node);
  }

  /// Moves the pre-activations down.
  static void shift_by(double shift, const Site& site, model::Model& model) {
    for (float& number : diagnose::numbers_of(model, site.bias).subspan(site.first, site.count))
      number -= static_cast<float>(shift);
  }

  /// Shifts each layer whose shift is chosen, from the input on, to the wanted share of zeros.
  void hold_zeros(Try& now) const {
    for (const Site& site : all_sites(now.model.graph)) {
      const auto held = now.shifts.find(now.model.graph.node(site.node).label);
      if (held == now.shifts.end()) continue;
      const double quantile =
          quantile_of(now.model, site, options_.zeros, dataset_, parts_.train, threads_);
      const double more = quantile - rectifier_.edge;
      if (!(more > 0)) continue;
      shift_by(more, site, now.model);
      held->second += more;
    }
  }

  /// The label of the activation that the network did not have before.
  std::string label_of_new(const graph::Graph& graph) const {
    for (const Site& site : all_sites(graph))
      if (model_.graph.find(graph.node(site.node).label) < 0) return graph.node(site.node).label;
    return {};
  }

  ProgressCallback shown(const std::string& label) const {
    if (!progress_) return {};
    return [this, label](const Progress& part) {
      const int tries = options_.shift ? 1 : 2;  // the second is not always made
      const double done = static_cast<double>(layer_) + (try_ + part.done) / tries;
      progress_({.text = concat(label, try_ > 0 ? " without a shift" : "", ", layer ", layer_ + 1,
                                " of ", layers_, ": ", part.text),
                 .done = done / static_cast<double>(layers_)});
    };
  }

  std::string error_text(double error) const {
    return model_.class_names.empty() ? number_text(error) : fixed_text(100 * error, 2) + " %";
  }

  model::Evaluation evaluation_of(model::Model& model, const data::Split& split,
                                  std::span<const std::uint32_t> rows) const {
    return model::Evaluator(model.graph, model.layout, model.parameters.data(), model.loss,
                            dataset_, threads_)
        .evaluate(split, rows, model.normalisation, false);
  }

  Relufied::Errors validation_of(model::Model& model) const {
    return {.validation = evaluation_of(model, dataset_.train, parts_.watched).error,
            .validation_samples = parts_.watched.size()};
  }

  void add_test(model::Model& model, Relufied::Errors& errors) const {
    errors.test_samples = dataset_.test.count;
    if (errors.test_samples == 0) return;
    errors.test =
        evaluation_of(model, dataset_.test, model::all_samples(errors.test_samples)).error;
  }

  void count_zeros(const model::Model& model, std::string RelufiedLayer::*label,
                   double RelufiedLayer::*share, std::vector<RelufiedLayer>& layers) const {
    std::vector<Site> sites;
    for (const RelufiedLayer& layer : layers)
      sites.push_back({.node = model.graph.find(layer.*label)});
    const std::vector<double> shares =
        zero_shares(model, sites, dataset_, parts_.watched, threads_);
    for (std::size_t i = 0; i < layers.size(); ++i) layers[i].*share = shares[i];
  }

  const data::Dataset& dataset_;
  const RelufyOptions& options_;
  ThreadPool& threads_;
  const ProgressCallback& progress_;
  const StopCallback& stop_;
  Rectifier rectifier_;
  data::Partition parts_;
  model::Model model_;
  Shifts shifts_;
  double allowed_ = 0;  ///< error on validation up to which a shift stays
  std::size_t layer_ = 0, layers_ = 0;
  int try_ = 0;
};

}  // namespace

Relufied relufy(const model::Model& model, const data::Dataset& dataset,
                const RelufyOptions& options, ThreadPool& threads, const ProgressCallback& progress,
                const StopCallback& stop) {
  check_relufy(options);
  model::resolve_loss(model.graph, dataset, model.loss);  // refuses data that do not fit
  return Relufication(model, dataset, options, threads, progress, stop).run();
}

}  // namespace rectify::lab
