#pragma once

// What the tests of mends share.

#include <gtest/gtest.h>

#include "rectify/base/random.h"
#include "rectify/diagnose/heal/heal.h"
#include "rectify/diagnose/heal/links.h"
#include "rectify/diagnose/heal/surgery.h"
#include "rectify/train/initialise.h"

namespace rectify::diagnose::healing {

inline void set(model::Model& model, const std::string& label, const std::vector<float>& values) {
  const std::span<float> numbers = numbers_of(model, model.graph.find(label));
  ASSERT_EQ(numbers.size(), values.size()) << label;
  std::ranges::copy(values, numbers.begin());
}

inline std::vector<float> get(const model::Model& model, const std::string& label) {
  const std::span<const float> numbers = numbers_of(model, model.graph.find(label));
  return {numbers.begin(), numbers.end()};
}

/// A network with drawn weights and biases, and running statistics of batch norms that differ.
inline model::Model drawn(const std::string& text, std::uint64_t seed = 1) {
  ThreadPool threads(1);
  model::Model model(text);
  model.loss = "softmax_cross_entropy";
  train::initialise(model.graph, model.layout, seed, "auto", threads, model.parameters.data());
  const Random random(seed, 9);
  std::uint64_t next = 0;
  for (const run::ParameterSlot& slot : model.layout.slots())
    if (slot.shape.rank() == 1)
      for (float& number : numbers_of(model, slot.node))
        number += static_cast<float>(0.4 * random.uniform(next++));
  return model;
}

/// Sets the bias, or the shift of a batch norm, of these units far below zero.
inline void kill(model::Model& model, const std::string& activation,
                 const std::vector<std::size_t>& units) {
  for (const Links& links : links_of(model.graph)) {
    if (model.graph.node(links.activation).label != activation) continue;
    const graph::NodeId id =
        links.norm < 0 ? bias_of(model.graph, links) : norm_numbers(model.graph, links.norm).shift;
    for (const std::size_t unit : units) numbers_of(model, id)[unit] = -1e3f;
  }
}

/// Normal samples of two classes: their features' sum is above 0 or not.
inline data::Dataset clouds(const Shape& shape, std::size_t train = 400, std::size_t test = 100) {
  data::Dataset d{.spec = "clouds", .sample_shape = shape, .class_names = {"a", "b"}};
  std::uint32_t stream = 0;
  for (auto [split, count] : {std::pair{&d.train, train}, {&d.test, test}}) {
    const Random random(1, ++stream);
    split->count = count;
    for (std::size_t i = 0; i < count; ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < d.features(); ++j) {
        const double number = random.normal(i * d.features() + j);
        split->values.push_back(static_cast<float>(number));
        sum += number;
      }
      split->labels.push_back(sum > 0 ? 1 : 0);
    }
  }
  return d;
}

inline Healed healed(const model::Model& model, const data::Dataset& dataset,
                     const HealOptions& options, int threads = 1) {
  ThreadPool pool(threads);
  return heal(model, dataset, options, pool);
}

}  // namespace rectify::diagnose::healing
