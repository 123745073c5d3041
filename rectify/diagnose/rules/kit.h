#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/diagnose/facts.h"
#include "rectify/diagnose/finding.h"
#include "rectify/diagnose/rules.h"

/// What the checks of all rules share, and their declarations. One file a topic.
namespace rectify::diagnose::check {

/// A finding of the rule, still without evidence.
Finding found(const Rule& rule, Severity severity, std::string where = {});

/// A number with three significant digits: 0.00123, 12.3, 1.2e+08.
std::string brief(double value);
/// A rate with one digit: 0.03.
std::string rounded(double rate);
/// "12.3 %"
std::string percent(double share);

/// Whether a network has a loss that squashes its raw outputs.
bool is_of_logits(const std::string& loss);
/// Whether an activation is flat at both ends, as sigmoid and tanh are.
bool is_two_sided(const graph::Node& activation);

/// The text of the network with edits; empty where it is no chain of items, which alone are edited.
std::string without_last_item(const graph::Graph& network);
std::string with_items(const graph::Graph& network,
                       const std::function<std::string(const std::string& item)>& edit);
/// Without the attributes `init` and `gain` of all layers.
std::string with_usual_start(const graph::Graph& network);

/// Adds to a finding what makes the weights start as usual.
void advise_usual_start(const Facts& facts, Finding& finding);

using Found = std::optional<Finding>;

// structure.cpp
Found single_softmax(const Facts& facts, const Rule& rule);
Found output_activation(const Facts& facts, const Rule& rule);
Found output_range(const Facts& facts, const Rule& rule);
Found no_nonlinearity(const Facts& facts, const Rule& rule);
Found small_batch_norm(const Facts& facts, const Rule& rule);
Found dropout_too_high(const Facts& facts, const Rule& rule);

// data.cpp
Found one_class_labels(const Facts& facts, const Rule& rule);
Found labels_unrelated(const Facts& facts, const Rule& rule);
Found inputs_not_scaled(const Facts& facts, const Rule& rule);
Found targets_not_scaled(const Facts& facts, const Rule& rule);
Found constant_feature(const Facts& facts, const Rule& rule);
Found uneven_classes(const Facts& facts, const Rule& rule);

// start.cpp
Found initial_bias(const Facts& facts, const Rule& rule);
Found residual_growth(const Facts& facts, const Rule& rule);
Found weights_too_large(const Facts& facts, const Rule& rule);
Found weights_too_small(const Facts& facts, const Rule& rule);
Found saturating_depth(const Facts& facts, const Rule& rule);
Found cannot_fit_few(const Facts& facts, const Rule& rule);
Found vanishing_gradient(const Facts& facts, const Rule& rule);
Found exploding_gradient(const Facts& facts, const Rule& rule);

// rates.cpp
Found rate_too_high(const Facts& facts, const Rule& rule);
Found rate_too_low(const Facts& facts, const Rule& rule);
Found too_few_steps(const Facts& facts, const Rule& rule);
Found clip_too_low(const Facts& facts, const Rule& rule);
Found weight_decay_too_high(const Facts& facts, const Rule& rule);

// units.cpp
Found dead_units(const Facts& facts, const Rule& rule);
Found saturated_units(const Facts& facts, const Rule& rule);
Found duplicate_units(const Facts& facts, const Rule& rule);

// outcome.cpp
Found not_finite(const Facts& facts, const Rule& rule);
Found one_answer(const Facts& facts, const Rule& rule);
Found not_learning(const Facts& facts, const Rule& rule);
Found overfitting(const Facts& facts, const Rule& rule);

}  // namespace rectify::diagnose::check
