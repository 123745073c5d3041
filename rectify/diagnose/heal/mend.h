#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "rectify/diagnose/heal/heal.h"
#include "rectify/diagnose/heal/links.h"
#include "rectify/diagnose/unit_figures.h"
#include "rectify/verify/facts.h"

namespace rectify::diagnose {

/// A model while it is mended, with what mends ask of it.
class Patient {
 public:
  Patient(const model::Model& model, const data::Dataset& dataset, const HealOptions& options,
          ThreadPool& threads);

  const model::Model& model() const { return model_; }
  /// The model, to be changed: its figures are measured again when they are next asked for.
  model::Model& change();

  /// The figures of a layer over samples(), and its links.
  const LayerFigures& figures(graph::NodeId activation);
  std::vector<Links> links() const { return links_of(model_.graph); }
  std::span<const std::uint32_t> samples() const { return samples_; }  ///< of the training split

  /// Bounds of each number of a normalised sample.
  const std::vector<activation::Interval>& inputs() const { return inputs_; }

  /// Which units of a layer give exactly 0 for all inputs within the bounds, by proof.
  std::vector<bool> proven_zero(const Links& links);

  const data::Dataset& dataset;
  const HealOptions& options;
  ThreadPool& threads;

 private:
  model::Model model_;
  std::vector<std::uint32_t> samples_;
  std::vector<activation::Interval> inputs_;
  std::vector<LayerFigures> figures_;  ///< empty: not measured since the last change
  std::vector<std::vector<activation::Interval>> bounds_;  ///< of values, likewise
  std::vector<verify::DeadUnits> dead_;                    ///< by linear bounds, likewise
};

/// A way of mending: one file of heal/mends/.
struct Mend {
  std::string_view name, summary;
  int order;   ///< mends are made in ascending order
  bool usual;  ///< whether it is made where nobody says which
  /// Mends the model, and says what was done to each layer that it looked at.
  std::vector<MendedLayer> (*apply)(Patient& patient);
};

/// All mends, ascending by `order`.
std::vector<const Mend*> mends();

/// All mends of all files in mends/ (the build collects them).
std::span<const Mend* const> collected_mends();

/// The start of what is said of a layer: "12 of 64 units".
std::string count_of(std::size_t some, std::int64_t units);

/// A number with three digits: "0.602", "2.41e-07".
std::string short_text(double value);

}  // namespace rectify::diagnose
