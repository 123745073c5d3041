#pragma once

// Small options for the tests of this folder, and the data that they are for.

#include <string>

#include "rectify/base/random.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/train/options.h"
#include "tests/helpers.h"
#include "tests/temporary_folder.h"
#include "tests/toy_data.h"

namespace rectify::train {

inline Options toy_options() {
  Options o;
  o.data = "moons";
  o.model = "2 : dense 16 | relu | dense 12 | tanh | dense 2";
  o.epochs = 4;
  o.batch = 16;
  o.lr = 0.05;
  o.warmup = 0;
  return o;
}

/// Images, or rows, of noise that fit a network which tells classes apart.
inline data::Dataset noise_for(const std::string& model, std::size_t samples) {
  const graph::Graph g = graph::parse_model(model);
  data::Dataset d;
  d.spec = "noise";
  d.sample_shape = g.node(g.find("input")).type.shape;
  for (std::int64_t c = 0; c < g.node(g.result).type.shape.size(); ++c)
    d.class_names.push_back(std::to_string(c));
  std::uint32_t stream = 0;
  for (data::Split* split : {&d.train, &d.test}) {
    const Random random(1, ++stream);
    split->count = samples;
    split->bytes.resize(samples * d.features());
    for (std::size_t i = 0; i < split->bytes.size(); ++i)
      split->bytes[i] = static_cast<std::uint8_t>(random.below(i, 256));
    for (std::size_t i = 0; i < samples; ++i)
      split->labels.push_back(static_cast<std::int32_t>(i % d.class_names.size()));
  }
  return d;
}

}  // namespace rectify::train
