// What the data alone tell.

#include <algorithm>

#include "rectify/base/enumeration.h"
#include "rectify/diagnose/rules/kit.h"
#include "rectify/graph/operator.h"

namespace rectify::diagnose::check {

namespace {

std::string names_of_features(const std::vector<FeatureFigure>& features) {
  constexpr std::size_t most = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, features.size()); ++i)
    text += concat(i > 0 ? ", " : "", "'", features[i].name, "' (", brief(features[i].value), ")");
  if (features.size() > most) text += concat(" and ", features.size() - most, " more");
  return text;
}

/// Whether a norm is the first to read the inputs, so that their scale does not matter.
bool is_normalised_inside(const graph::Graph& network) {
  const auto readers = network.users(network.find("input"));
  return !readers.empty() && std::ranges::all_of(readers, [&](graph::NodeId id) {
    return network.node(id).op->name.find("norm") != std::string_view::npos;
  });
}

}  // namespace

Found one_class_labels(const Facts& facts, const Rule& rule) {
  if (facts.inputs.class_counts.empty() || facts.inputs.classes_present() > 1) return {};
  Finding finding = found(rule, Severity::fault);
  finding.evidence.push_back(
      concat("all ", count_text(static_cast<std::int64_t>(facts.inputs.training_samples)),
             " training samples have the same class"));
  finding.advice = "look at how the labels were made: scaled, cast or filtered by accident?";
  return finding;
}

Found labels_unrelated(const Facts& facts, const Rule& rule) {
  const Relation& relation = facts.relation;
  if (!relation.unrelated() || (facts.outcome && !facts.outcome->failed())) return {};
  const bool sure = facts.outcome && facts.inputs.training_samples >= rule.threshold;
  Finding finding = found(rule, sure ? Severity::fault : Severity::warning);
  finding.evidence.push_back(
      facts.inputs.class_counts.empty()
          ? concat("the target of a sample says nothing about that of its nearest neighbour "
                   "(correlation ",
                   brief(relation.agreement), " over ", relation.samples, " samples)")
          : concat("a sample and its nearest neighbour have the same class in ",
                   percent(relation.agreement), " of ", relation.samples,
                   " samples; unrelated "
                   "labels would give ",
                   percent(relation.chance)));
  finding.evidence.push_back("no single feature goes with the labels either");
  finding.advice =
      "look whether samples and labels are in the same order, and whether the features are those "
      "that matter";
  return finding;
}

Found inputs_not_scaled(const Facts& facts, const Rule& rule) {
  if (facts.inputs.ids || facts.inputs.features == 0 || !facts.network) return {};
  if (is_normalised_inside(*facts.network)) return {};
  const double size = facts.inputs.input_rms;
  const double too_small = 1 / (10 * rule.threshold);
  constexpr double too_uneven = 100;
  const bool uneven = facts.inputs.unevenness > too_uneven;
  if (size <= rule.threshold && (size >= too_small || size == 0) && !uneven) return {};
  const bool hurts = !facts.outcome || !facts.outcome->learned();
  Finding finding = found(rule, hurts ? Severity::fault : Severity::warning);
  finding.evidence.push_back(concat("the network's inputs have a root mean square of ", brief(size),
                                    " (largest ", brief(facts.inputs.input_largest),
                                    "); about 1 is what initial weights and rates are made for"));
  if (!facts.inputs.images && !facts.inputs.large.empty() &&
      facts.inputs.large.size() < facts.inputs.features)
    finding.evidence.push_back("the largest features: " + names_of_features(facts.inputs.large));
  if (uneven)
    finding.evidence.push_back(
        concat("one feature varies ", brief(facts.inputs.unevenness), " times as much as most"));
  const data::Normaliser given = facts.options.normalise;
  const data::Normaliser wanted = uneven ? data::Normaliser::features : data::Normaliser::standard;
  finding.advice = uneven ? "give each feature its own scale: --normalise features"
                          : "scale the inputs: --normalise standard";
  if (given != wanted && given != data::Normaliser::features)
    finding.changes.push_back({"--normalise", std::string(rectify::name_of(wanted))});
  return finding;
}

Found targets_not_scaled(const Facts& facts, const Rule& rule) {
  if (facts.inputs.target_width == 0 || facts.inputs.targets_are_flags) return {};
  const double size = std::max(facts.inputs.target_deviation, std::abs(facts.inputs.target_mean));
  if (size <= rule.threshold) return {};
  Finding finding = found(rule, facts.failed() ? Severity::fault : Severity::warning);
  finding.evidence.push_back(concat("the targets, as the loss sees them, have mean ",
                                    brief(facts.inputs.target_mean), " and deviation ",
                                    brief(facts.inputs.target_deviation)));
  finding.advice = "scale the targets to mean 0 and deviation 1";
  return finding;
}

Found constant_feature(const Facts& facts, const Rule& rule) {
  const auto& constant = facts.inputs.constant;
  if (constant.empty() || facts.inputs.ids) return {};
  const bool some_value = std::ranges::any_of(constant, [](const auto& f) { return f.value != 0; });
  const bool few = static_cast<double>(constant.size()) <= rule.threshold;
  const bool loud = facts.inputs.loudest_constant > 3;
  const bool hurts = loud && facts.outcome && !facts.outcome->learned();
  Finding finding = found(rule,
                          hurts               ? Severity::fault
                          : few || some_value ? Severity::warning
                                              : Severity::note,
                          constant[0].name);
  finding.evidence.push_back(
      facts.inputs.images
          ? concat(names_of_features(constant), ": each pixel is the same in all images")
          : concat(constant.size(), " of ", facts.inputs.features,
                   constant.size() == 1 ? " features is" : " features are",
                   " the same in all samples: ", names_of_features(constant)));
  if (loud)
    finding.evidence.push_back(concat("it enters the network as ",
                                      brief(facts.inputs.loudest_constant),
                                      " and drowns what does vary"));
  // Many that are 0 are pixels at a border, which are better left as they are.
  if (facts.inputs.constant_scaled_away || finding.severity == Severity::note) {
    finding.advice = "leave what is constant out, or look how it became so";
    return finding;
  }
  finding.advice =
      "--normalise features takes what is constant as 0; or leave it out, or look how it became so";
  finding.changes.push_back({"--normalise", "features"});
  return finding;
}

Found uneven_classes(const Facts& facts, const Rule& rule) {
  std::vector<std::int64_t> counts = facts.inputs.class_counts;
  std::erase(counts, 0);
  if (counts.size() < 2) return {};
  const auto [few, most] = std::ranges::minmax(counts);
  if (static_cast<double>(most) < rule.threshold * static_cast<double>(few)) return {};
  Finding finding = found(rule, Severity::note);
  finding.evidence.push_back(concat("the commonest class has ", count_text(most),
                                    " training samples, the rarest ", count_text(few)));
  finding.advice =
      "read recall and F1 of each class; --class-weights balanced lets each count the "
      "same";
  return finding;
}

}  // namespace rectify::diagnose::check
