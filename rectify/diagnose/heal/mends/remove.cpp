// remove: units that are proven never to fire within the bounds of the inputs go. They added exact
// zeros to every sum, but without them a kernel may add up the others in another order, which
// changes last bits: oneDNN cuts sums of more than a few hundred products into blocks. So a layer
// loses as many units, from its end, as answers to drawn inputs keep every bit without; all of them
// where HealOptions::rounding says so.

#include <algorithm>
#include <cstring>
#include <optional>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/diagnose/heal/mend.h"
#include "rectify/diagnose/heal/surgery.h"
#include "rectify/run/plan.h"

namespace rectify::diagnose::ops {

namespace {

using Units = std::vector<std::size_t>;

/// Batches whose answers are compared, since kernels go by their size. Where sums are made in
/// another order, the first shows it mostly.
constexpr std::int64_t batches[] = {1, 32, 256};

/// A model's answers to inputs that are drawn within bounds.
std::vector<float> answers_of(model::Model& model, std::int64_t batch, Patient& patient) {
  const std::vector<activation::Interval>& bounds = patient.inputs();
  const Random random(patient.options.seed, 0, static_cast<std::uint32_t>(batch));
  run::Plan plan(model.graph, model.layout, model.parameters.data(), patient.threads,
                 {.batch = batch, .keep = {model.graph.result}});
  float* x = plan.input(model.graph.all("input").front());
  for (std::size_t i = 0; i < bounds.size() * static_cast<std::size_t>(batch); ++i) {
    const activation::Interval& of = bounds[i % bounds.size()];
    x[i] = static_cast<float>(of.low + (of.high - of.low) * random.uniform(i));
  }
  plan.run({});
  const std::span<const float> y = plan.value(model.graph.result);
  return {y.begin(), y.end()};
}

/// A model as it stands, and as a predictor runs it.
std::vector<model::Model> forms_of(const model::Model& model) {
  std::vector<model::Model> forms;
  forms.push_back(copy_of(model));
  if (!model.graph.all("batch_norm").empty()) forms.push_back(model::folded(copy_of(model)));
  return forms;
}

/// What both forms of a model answer in batches of each size.
class Answers {
 public:
  Answers(const model::Model& model, Patient& patient) : patient_(patient) {
    for (model::Model& form : forms_of(model))
      for (const std::int64_t batch : batches) all_.push_back(answers_of(form, batch, patient_));
  }

  /// Whether another model answers with the same bits.
  bool are_those_of(const model::Model& model) const {
    auto before = all_.begin();
    for (model::Model& form : forms_of(model))
      for (const std::int64_t batch : batches) {
        const std::vector<float> now = answers_of(form, batch, patient_);
        if (std::memcmp(now.data(), before->data(), now.size() * sizeof(float)) != 0) return false;
        ++before;
      }
    return true;
  }

 private:
  Patient& patient_;
  std::vector<std::vector<float>> all_;
};

/// Those of `units` that are not among the last `removed` of `silent`.
Units without_last(std::size_t units, const Units& silent, std::size_t removed) {
  Units rest;
  for (std::size_t unit = 0; unit < units; ++unit) {
    const auto at = std::ranges::lower_bound(silent, unit);
    const bool is_silent = at != silent.end() && *at == unit;
    if (!is_silent || static_cast<std::size_t>(silent.end() - at) > removed) rest.push_back(unit);
  }
  return rest;
}

/// Removes units from one layer after the other, while answers keep their bits.
class Removal {
 public:
  explicit Removal(Patient& patient) : patient_(patient) {
    if (!patient.options.rounding) before_.emplace(patient.model(), patient);
  }

  /// Removes as many of `silent`, counted from its end, as may go, and returns how many that are.
  std::size_t remove(graph::NodeId activation, std::size_t units, const Units& silent) {
    const auto without = [&](std::size_t removed) {
      return with_units(patient_.model(), {{activation, without_last(units, silent, removed)}});
    };
    std::size_t can = silent.size();
    if (!keeps_bits(without(can))) {
      std::size_t cannot = can;
      can = 0;
      while (cannot - can > 1) {
        const std::size_t middle = can + (cannot - can) / 2;
        (keeps_bits(without(middle)) ? can : cannot) = middle;
      }
    }
    if (can > 0) patient_.change() = without(can);
    return can;
  }

 private:
  bool keeps_bits(const model::Model& model) const {
    return !before_ || before_->are_those_of(model);
  }

  Patient& patient_;
  std::optional<Answers> before_;  ///< of the model before anything was removed
};

/// The units that may go; a layer keeps one at least.
Units silent_units_of(const std::vector<bool>& zero) {
  Units silent;
  for (std::size_t unit = 0; unit < zero.size(); ++unit)
    if (zero[unit]) silent.push_back(unit);
  if (silent.size() == zero.size()) silent.erase(silent.begin());
  return silent;
}

MendedLayer remove_from(Patient& patient, const Links& links, const Units& silent,
                        Removal& removal) {
  MendedLayer layer{.label = patient.model().graph.node(links.activation).label,
                    .units = static_cast<std::int64_t>(links.units)};
  if (silent.empty()) return layer;
  layer.said = count_of(silent.size(), layer.units) + " proven never to fire within the bounds";
  if (!links.refusal.empty()) {
    layer.said += "; left alone: " + links.refusal;
    return layer;
  }
  const std::size_t removed = removal.remove(links.activation, links.units, silent);
  layer.done.assign(silent.end() - static_cast<std::ptrdiff_t>(removed), silent.end());
  layer.said += removed == silent.size() ? ", all removed" : concat(", ", removed, " removed");
  if (removed < silent.size())
    layer.said +=
        "; without the others sums would be made in another order, which changes last "
        "bits";
  return layer;
}

// Nodes keep their ids, since a layer that becomes narrower has as many.
std::vector<MendedLayer> apply(Patient& patient) {
  const std::vector<Links> all = patient.links();
  std::vector<Units> silent;
  for (const Links& links : all) silent.push_back(silent_units_of(patient.proven_zero(links)));
  if (std::ranges::all_of(silent, &Units::empty)) return {};
  Removal removal(patient);
  std::vector<MendedLayer> layers;
  for (std::size_t i = 0; i < all.size(); ++i)
    layers.push_back(remove_from(patient, all[i], silent[i], removal));
  return layers;
}

}  // namespace

std::span<const Mend> remove() {
  static const Mend all[] = {{.name = "remove",
                              .summary = "units that are proven never to fire within the bounds go",
                              .order = 3,
                              .usual = false,
                              .apply = apply}};
  return all;
}

}  // namespace rectify::diagnose::ops
