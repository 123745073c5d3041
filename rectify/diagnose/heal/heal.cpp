#include "rectify/diagnose/heal/heal.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/diagnose/heal/mend.h"
#include "rectify/diagnose/heal/surgery.h"
#include "rectify/diagnose/heal/value_bounds.h"
#include "rectify/diagnose/heal/values.h"
#include "rectify/graph/operator.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/loss.h"
#include "rectify/model/predictor.h"

namespace rectify::diagnose {

namespace {

/// Of the largest answer: what rounding may change.
constexpr double rounding_allowed = 1e-3;

/// A model's answers to the measured samples and to the test split, and its error there.
struct Checkup {
  std::vector<float> measured, test;
  Condition condition;
};

Checkup checkup_of(model::Model& model, const Patient& patient) {
  const data::Dataset& dataset = patient.dataset;
  model::Evaluator evaluator(model.graph, model.layout, model.parameters.data(), model.loss,
                             dataset, patient.threads);
  const std::string& result = model.graph.node(model.graph.result).label;
  const auto answers = [&](const data::Split& split, std::span<const std::uint32_t> samples) {
    return samples.empty() ? std::vector<float>()
                           : evaluator.outputs_of(result, split, samples, model.normalisation);
  };
  const std::vector<std::uint32_t> tests = model::all_samples(dataset.test.count);
  Checkup checkup{answers(dataset.train, patient.samples()), answers(dataset.test, tests), {}};
  checkup.condition.parameters = model.layout.count();
  if (tests.empty()) return checkup;
  const model::Evaluation e = evaluator.evaluate(dataset.test, tests, model.normalisation, false);
  checkup.condition.error = e.error, checkup.condition.loss = e.loss;
  return checkup;
}

AnswerDifference difference(std::span<const float> before, std::span<const float> after,
                            std::size_t samples) {
  AnswerDifference d{.samples = samples};
  const std::size_t width = samples == 0 ? 0 : before.size() / samples;
  for (std::size_t i = 0; i < samples; ++i) {
    const std::size_t at = i * width;
    d.changed += std::memcmp(&before[at], &after[at], width * sizeof(float)) != 0;
    for (std::size_t j = at; j < at + width; ++j) {
      const double off = std::abs(static_cast<double>(after[j]) - before[j]);
      d.largest = off <= d.largest ? d.largest : off;  // a NaN stays
      d.scale = std::max<double>(d.scale, std::abs(before[j]));
    }
  }
  return d;
}

std::vector<const Mend*> chosen(const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const Mend* mend : mends()) known.emplace_back(mend->name);
  for (const std::string& name : names)
    if (std::ranges::count(known, name) == 0)
      fail("there is no mend '", name, "'", suggestion(name, known));
  std::vector<const Mend*> all = mends();
  std::erase_if(all, [&](const Mend* mend) {
    return names.empty() ? !mend->usual : std::ranges::count(names, mend->name) == 0;
  });
  return all;
}

void check_bounds(const std::optional<activation::Interval>& bounds) {
  if (bounds && !(bounds->low <= bounds->high))
    fail("the bounds of the inputs want a low end and a high end, not ", bounds->low, " and ",
         bounds->high);
}

/// Units that linear bounds prove dead, which see that what is added and subtracted again cancels;
/// none where there is no such proof, or where it would take long. The proof is about batch norms
/// that are folded, which a model is not while it is mended.
std::vector<verify::DeadUnits> dead_by_linear_bounds(const model::Model& model,
                                                     const verify::Box& box) {
  constexpr double most_operations = 2e10;
  const graph::Graph& graph = model.graph;
  double numbers = 0;
  for (const graph::NodeId id : graph.all("activate"))
    numbers += static_cast<double>(graph.node(id).type.shape.size());
  if (!graph.all("batch_norm").empty() ||
      numbers * graph::total_cost(graph).forward_flops > most_operations)
    return {};
  try {
    return verify::dead_units(model::Predictor(copy_of(model)), box);
  } catch (const Error&) {
    return {};  // an operator without bounds, or numbers that may overflow
  }
}

}  // namespace

std::size_t MendReport::done() const {
  std::size_t all = 0;
  for (const MendedLayer& layer : layers) all += layer.done.size();
  return all;
}

std::vector<const Mend*> mends() {
  std::vector<const Mend*> all(collected_mends().begin(), collected_mends().end());
  std::ranges::sort(all, {}, &Mend::order);
  return all;
}

std::string count_of(std::size_t some, std::int64_t units) {
  return concat(some, " of ", units, units == 1 ? " unit" : " units");
}

std::string short_text(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 3);
  return {text, end.ptr};
}

Patient::Patient(const model::Model& model, const data::Dataset& data, const HealOptions& how,
                 ThreadPool& pool)
    : dataset(data),
      options(how),
      threads(pool),
      model_(copy_of(model)),
      samples_(spread_over(model::all_samples(data.train.count), how.samples)),
      inputs_(input_bounds(data, model.normalisation, how.bounds)) {}

model::Model& Patient::change() {
  figures_.clear();
  bounds_.clear();
  return model_;
}

const LayerFigures& Patient::figures(graph::NodeId activation) {
  if (figures_.empty()) figures_ = measure_units(model_, dataset, dataset.train, samples_, threads);
  return *std::ranges::find(figures_, model_.graph.node(activation).label, &LayerFigures::label);
}

std::vector<bool> Patient::proven_zero(const Links& links) {
  if (bounds_.empty()) {
    bounds_ = value_bounds(model_, inputs_);
    dead_ = dead_by_linear_bounds(model_, stored_bounds(dataset, options.bounds));
  }
  const graph::Node& node = model_.graph.node(links.activation);
  const auto& x = bounds_[static_cast<std::size_t>(node.inputs[0])];
  std::vector<bool> zero(links.units, !x.empty());
  const ZeroTest is_zero(node);
  for (std::size_t i = 0; i < x.size(); ++i)
    if (zero[i % links.units] && !is_zero(x[i])) zero[i % links.units] = false;
  const auto layer = std::ranges::find(dead_, node.label, &verify::DeadUnits::label);
  if (layer == dead_.end()) return zero;
  std::vector<std::size_t> places(links.units);
  for (const std::size_t number : layer->numbers) ++places[number % links.units];
  for (std::size_t unit = 0; unit < links.units; ++unit)
    if (places[unit] * links.units == layer->of) zero[unit] = true;
  return zero;
}

Healed heal(const model::Model& model, const data::Dataset& dataset, const HealOptions& options,
            ThreadPool& threads) {
  const std::vector<const Mend*> plan = chosen(options.mends);
  check_bounds(options.bounds);
  model::resolve_loss(model.graph, dataset, model.loss);  // refuses data that do not fit
  if (options.samples == 0) fail("units are measured on 1 sample or more, not on 0");
  Patient patient(model, dataset, options, threads);
  const Checkup first = checkup_of(patient.change(), patient);
  const std::size_t measured = patient.samples().size(), tests = dataset.test.count;
  std::vector<MendReport> reports;
  Checkup now = first;
  for (const Mend* mend : plan) {
    model::Model before = copy_of(patient.model());
    MendReport report{.mend = std::string(mend->name), .layers = mend->apply(patient)};
    Checkup after = checkup_of(patient.change(), patient);
    report.measured = difference(now.measured, after.measured, measured);
    report.test = difference(now.test, after.test, tests);
    report.before = now.condition, report.after = after.condition;
    report.taken_back = !(report.measured.largest <= rounding_allowed * report.measured.scale);
    if (report.taken_back)
      patient.change() = std::move(before);
    else
      now = std::move(after);
    reports.push_back(std::move(report));
  }
  return {copy_of(patient.model()),
          std::move(reports),
          difference(first.measured, now.measured, measured),
          difference(first.test, now.test, tests),
          first.condition,
          now.condition};
}

}  // namespace rectify::diagnose
