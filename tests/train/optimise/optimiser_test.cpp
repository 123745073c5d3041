#include "rectify/train/optimise/optimiser.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "rectify/graph/text.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

/// One number under one of the rules, written again in double precision from the papers.
struct Scalar {
  double w, m = 0, v = 0;

  void step(const Options& o, bool weight, double g, double lr, double scale, int t) {
    const double decay = weight ? o.weight_decay : 0;
    g *= scale;
    if (o.optimizer == "adamw" || o.optimizer == "muon") {  // muon: of what is no weight
      adam(o, g, t);
      w -= lr * (direction(o, t) + decay * w);
      return;
    }
    if (o.optimizer == "lion") {
      const double mixed = o.beta1 * m + (1 - o.beta1) * g;
      m = o.beta2 * m + (1 - o.beta2) * g;
      w -= lr * ((mixed > 0 ? 1 : -1) + decay * w);
      return;
    }
    g += decay * w;
    if (o.optimizer == "sgd") w -= lr * g;
    if (o.optimizer == "momentum") {
      m = o.momentum * m + g;
      w -= lr * m;
    }
    if (o.optimizer == "nesterov") {
      m = o.momentum * m + g;
      w -= lr * (g + o.momentum * m);
    }
    if (o.optimizer == "adam") {
      adam(o, g, t);
      w -= lr * direction(o, t);
    }
    if (o.optimizer == "adagrad") {
      v += g * g;
      w -= lr * g / (std::sqrt(v) + o.epsilon);
    }
    if (o.optimizer == "rmsprop") {
      v = o.beta2 * v + (1 - o.beta2) * g * g;
      m = o.momentum * m + g / (std::sqrt(v) + o.epsilon);
      w -= lr * m;
    }
  }

 private:
  void adam(const Options& o, double g, int) {
    m = o.beta1 * m + (1 - o.beta1) * g;
    v = o.beta2 * v + (1 - o.beta2) * g * g;
  }
  double direction(const Options& o, int t) const {
    const double mean = m / (1 - std::pow(o.beta1, t)), square = v / (1 - std::pow(o.beta2, t));
    return mean / (std::sqrt(square) + o.epsilon);
  }
};

/// A matrix, row-major.
struct Dense {
  std::int64_t rows, columns;
  std::vector<double> values;

  double operator()(std::int64_t i, std::int64_t j) const {
    return values[static_cast<std::size_t>(i * columns + j)];
  }
};

Dense product(const Dense& a, const Dense& b) {
  Dense c{a.rows, b.columns, {}};
  for (std::int64_t i = 0; i < a.rows; ++i)
    for (std::int64_t j = 0; j < b.columns; ++j) {
      double sum = 0;
      for (std::int64_t k = 0; k < a.columns; ++k) sum += a(i, k) * b(k, j);
      c.values.push_back(sum);
    }
  return c;
}

Dense turned(const Dense& a) {
  Dense t{a.columns, a.rows, {}};
  for (std::int64_t j = 0; j < a.columns; ++j)
    for (std::int64_t i = 0; i < a.rows; ++i) t.values.push_back(a(i, j));
  return t;
}

/// Newton-Schulz as the authors of muon write it: X' = a X + (b A + c A A) X, A = X X^T, of a
/// matrix that is turned when it is tall.
Dense orthogonalised(Dense x) {
  if (x.rows > x.columns) return turned(orthogonalised(turned(x)));
  double squares = 0;
  for (const double value : x.values) squares += value * value;
  for (double& value : x.values) value /= std::sqrt(squares) + 1e-7;
  for (int i = 0; i < 5; ++i) {
    const Dense a = product(x, turned(x)), aa = product(a, a);
    const Dense ax = product(a, x), aax = product(aa, x);
    for (std::size_t k = 0; k < x.values.size(); ++k)
      x.values[k] = 3.4445 * x.values[k] - 4.7750 * ax.values[k] + 2.0315 * aax.values[k];
  }
  return x;
}

TEST(Orthogonaliser, BringsSingularValuesNearOne) {
  ThreadPool one(1), two(2);
  for (const auto& [rows, columns] : {std::pair{7, 7}, {3, 40}, {40, 3}, {600, 520}}) {
    Buffer memory(Orthogonaliser::floats_needed(rows, columns)), again(memory.size());
    const Orthogonaliser first(rows, columns, memory.data(), one);
    const Orthogonaliser second(rows, columns, again.data(), two);
    double squares = 0;
    for (int i = 0; i < std::min(rows, columns); ++i) {  // singular values from 1 to 2
      const float value = 1 + static_cast<float>(i) / static_cast<float>(std::min(rows, columns));
      first.input()[i * columns + i] = second.input()[i * columns + i] = value;
      squares += value * value;
    }
    const float* x = first.run(squares);
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < columns; ++j) {
        EXPECT_GE(x[i * columns + j], i == j ? 0.6 : 0) << rows << "x" << columns;
        EXPECT_LE(x[i * columns + j], i == j ? 1.3 : 0) << rows << "x" << columns;
      }
    EXPECT_TRUE(same_bits({x, first.size()}, {second.run(squares), second.size()}));
  }
}

TEST(Orthogonaliser, LeavesZerosZero) {
  ThreadPool threads(1);
  Buffer memory(Orthogonaliser::floats_needed(5, 3));
  const Orthogonaliser o(5, 3, memory.data(), threads);
  const float* x = o.run(0);
  for (std::size_t i = 0; i < o.size(); ++i) EXPECT_EQ(x[i], 0);
}

struct Numbers {
  graph::Graph graph = graph::parse_model("13 : dense 17 | relu | dense 3");
  run::ParameterLayout layout{graph};
  Buffer w{layout.floats()}, g{layout.floats()};

  void draw(Buffer& buffer, std::uint32_t step, double size) {
    const Random random(4, step);
    for (const run::ParameterSlot& slot : layout.slots())
      for (std::size_t i = slot.offset; i < slot.offset + slot.size; ++i)
        buffer.data()[i] = static_cast<float>(size * random.normal(i));
  }
};

TEST(Optimiser, DoesWhatThePapersSayForTwentySteps) {
  ThreadPool threads(2);
  for (const std::string& name : optimiser_names())
    for (const auto& [decay, momentum] : {std::pair{0.0, -1.0}, {0.1, -1.0}, {0.1, 0.8}}) {
      Options o;
      o.optimizer = name;
      o.weight_decay = decay;
      o.momentum = momentum;
      const Options usual = with_usual_numbers(o);
      EXPECT_TRUE(momentum < 0 ? usual.momentum >= 0 : usual.momentum == momentum);
      Numbers n;
      n.draw(n.w, 1000, 1);
      std::vector<Scalar> want(n.w.size());
      for (std::size_t i = 0; i < want.size(); ++i) want[i].w = n.w.data()[i];
      Optimiser optimiser(o, n.layout, threads);
      for (int t = 1; t <= 20; ++t) {
        n.draw(n.g, static_cast<std::uint32_t>(t), 1);
        const double lr = 0.05 / t, scale = t % 3 == 0 ? 0.25 : 1;
        optimiser.step(n.w.data(), n.g.data(), lr, scale);
        for (const run::ParameterSlot& slot : n.layout.slots())
          for (std::size_t i = slot.offset; i < slot.offset + slot.size; ++i)
            want[i].step(usual, slot.shape.rank() == 2, n.g.data()[i], lr, scale, t);
      }
      EXPECT_EQ(optimiser.steps(), 20u);
      for (std::size_t s = 0; s < n.layout.slots().size(); ++s) {
        const run::ParameterSlot& slot = n.layout.slots()[s];
        if (!optimiser.takes_parts(s)) continue;
        for (std::size_t i = slot.offset; i < slot.offset + slot.size; ++i)
          ASSERT_NEAR(n.w.data()[i], want[i].w, 4e-6 * (1 + std::abs(want[i].w)))
              << name << ", decay " << decay << ", " << slot.label;
      }
    }
}

TEST(Optimiser, MuonStepsAlongTheOrthogonalisedVelocityOfWeights) {
  ThreadPool threads(2);
  Options o;
  o.optimizer = "muon";
  o.weight_decay = 0.1;
  Numbers n;
  n.draw(n.w, 1000, 1);
  std::vector<double> want(n.w.span().begin(), n.w.span().end()), velocity(want.size());
  Optimiser optimiser(o, n.layout, threads);
  for (int t = 1; t <= 5; ++t) {
    n.draw(n.g, static_cast<std::uint32_t>(t), 1e-3);
    const double lr = 0.05 / t, scale = t % 3 == 0 ? 0.25 : 1, mu = 0.95;
    optimiser.step(n.w.data(), n.g.data(), lr, scale);
    for (const run::ParameterSlot& slot : n.layout.slots()) {
      if (slot.shape.rank() != 2) continue;
      Dense x{slot.shape[0], slot.shape[1], {}};
      for (std::size_t i = slot.offset; i < slot.offset + slot.size; ++i) {
        const double g = scale * n.g.data()[i];
        velocity[i] = mu * velocity[i] + g;
        x.values.push_back(g + mu * velocity[i]);
      }
      x = orthogonalised(x);
      const double length = 0.2 * std::sqrt(static_cast<double>(std::max(x.rows, x.columns)));
      for (std::size_t i = 0; i < slot.size; ++i)
        want[slot.offset + i] -= lr * (length * x.values[i] + 0.1 * want[slot.offset + i]);
    }
  }
  for (const run::ParameterSlot& slot : n.layout.slots())
    for (std::size_t i = slot.offset; slot.shape.rank() == 2 && i < slot.offset + slot.size; ++i)
      ASSERT_NEAR(n.w.data()[i], want[i], 2e-5) << slot.label;
}

TEST(Optimiser, DecaysByLabelWhatItIsToldTo) {
  Numbers n;
  Options o;
  o.weight_decay = 0.5;
  o.decay_of = "dense1=0, dense2.bias=0.25";
  std::map<std::string, double> decays;
  for (std::size_t i = 0; i < n.layout.slots().size(); ++i)
    decays[n.layout.slots()[i].label] = weight_decays(o, n.layout)[i];
  const std::map<std::string, double> want = {
      {"dense1.weight", 0}, {"dense1.bias", 0}, {"dense2.weight", 0.5}, {"dense2.bias", 0.25}};
  EXPECT_EQ(decays, want);
  o.decay_of = "dense3=0";
  const std::string what = error_of([&] { weight_decays(o, n.layout); });
  EXPECT_TRUE(contains(what, "'dense3'") && contains(what, "dense1")) << what;

  ThreadPool threads(1);
  o.decay_of = "dense1=0";
  n.draw(n.w, 1, 1);
  const std::vector<float> before(n.w.span().begin(), n.w.span().end());
  Optimiser(o, n.layout, threads).step(n.w.data(), n.g.data(), 0.1, 1);  // gradients of 0
  for (const run::ParameterSlot& slot : n.layout.slots())
    EXPECT_EQ(n.w.data()[slot.offset] != before[slot.offset], slot.label == "dense2.weight");
}

TEST(Optimiser, TakesEachSlotAsFastAsItIsToldTo) {
  ThreadPool threads(2);
  for (const std::string& name : optimiser_names()) {
    Numbers slow, fast, told;
    for (Numbers* n : {&slow, &fast, &told}) {
      n->draw(n->w, 1, 1);
      n->draw(n->g, 2, 1);
    }
    const std::vector<float> before(told.w.span().begin(), told.w.span().end());
    Options o;
    o.optimizer = name;
    o.weight_decay = 0.5;
    Optimiser(o, slow.layout, threads).step(slow.w.data(), slow.g.data(), 0.125, 1);
    Optimiser(o, fast.layout, threads).step(fast.w.data(), fast.g.data(), 0.5, 1);
    o.rate_of = "dense1=0,dense1.bias=0,dense2.bias=4";
    Optimiser(o, told.layout, threads).step(told.w.data(), told.g.data(), 0.125, 1);
    for (const run::ParameterSlot& slot : told.layout.slots()) {
      const float* const want = slot.label == "dense2.weight" ? slow.w.data()
                                : slot.label == "dense2.bias" ? fast.w.data()
                                                              : before.data();
      EXPECT_TRUE(
          same_bits({told.w.data() + slot.offset, slot.size}, {want + slot.offset, slot.size}))
          << name << ", " << slot.label;
    }
  }
}

TEST(Optimiser, WhatDoesNotLearnIsNotLimitedEither) {
  ThreadPool threads(1);
  Numbers n;
  n.draw(n.w, 1, 1);
  const std::vector<float> before(n.w.span().begin(), n.w.span().end());
  Options o;
  o.max_norm = 1e-6;
  o.rate_of = "dense1=0";
  Optimiser(o, n.layout, threads).step(n.w.data(), n.g.data(), 0.1, 1);
  for (const run::ParameterSlot& slot : n.layout.slots())
    if (slot.label.ends_with(".weight")) {
      EXPECT_EQ(n.w.data()[slot.offset] == before[slot.offset], slot.label == "dense1.weight");
    }
}

TEST(Optimiser, DecaysWeightsAndNotBiases) {
  ThreadPool threads(1);
  for (const std::string& name : optimiser_names()) {
    Options o;
    o.optimizer = name;
    o.weight_decay = 0.1;
    Numbers n;
    n.draw(n.w, 1, 1);
    const std::vector<float> before(n.w.span().begin(), n.w.span().end());
    Optimiser(o, n.layout, threads).step(n.w.data(), n.g.data(), 0.1, 1);  // gradients of 0
    for (const run::ParameterSlot& slot : n.layout.slots())
      for (std::size_t i = slot.offset; i < slot.offset + slot.size; ++i) {
        if (slot.shape.rank() == 1)
          ASSERT_EQ(n.w.data()[i], before[i]) << name << ", " << slot.label;
        else
          ASSERT_NE(n.w.data()[i], before[i]) << name << ", " << slot.label;
      }
  }
}

TEST(Optimiser, NormsAreThoseOfTheGradients) {
  ThreadPool one(1), three(3);
  const graph::Graph graph = graph::parse_model("300 : dense 200 | relu | dense 3");
  const run::ParameterLayout layout(graph);
  Buffer g(layout.floats());
  const Random random(4);
  for (const double size : {1.0, 1e-25, 1e25}) {  // squares of the last two leave the floats
    double total = 0;
    std::vector<double> want;
    for (const run::ParameterSlot& slot : layout.slots()) {
      double squares = 0;
      for (std::size_t i = slot.offset; i < slot.offset + slot.size; ++i) {
        g.data()[i] = static_cast<float>(size * random.normal(i));
        squares += static_cast<double>(g.data()[i]) * g.data()[i];
      }
      want.push_back(std::sqrt(squares));
      total += squares;
    }
    const GradientNorms norms = Optimiser(Options{}, layout, one).norms(g.data());
    if (size >= 1) {
      EXPECT_NEAR(norms.total / std::sqrt(total), 1, 1e-5) << size;
      for (std::size_t i = 0; i < want.size(); ++i)
        EXPECT_NEAR(norms.parameters[i] / want[i], 1, 1e-5) << size;
    }
    EXPECT_TRUE(std::isfinite(norms.total)) << size;
    const GradientNorms again = Optimiser(Options{}, layout, three).norms(g.data());
    EXPECT_EQ(again.total, norms.total);
    EXPECT_EQ(again.parameters, norms.parameters);
  }
}

TEST(Optimiser, NormsTellAnyElementThatIsNotFinite) {
  ThreadPool threads(2);
  const graph::Graph graph = graph::parse_model("300 : dense 200 | relu | dense 3");
  const run::ParameterLayout layout(graph);
  const Optimiser optimiser(Options{}, layout, threads);
  for (const run::ParameterSlot& slot : layout.slots())
    for (const std::size_t at : {std::size_t{0}, slot.size / 2, slot.size - 1})
      for (const float bad : {std::nanf(""), INFINITY, -INFINITY}) {
        Buffer g(layout.floats());
        g.data()[slot.offset + at] = bad;
        EXPECT_FALSE(std::isfinite(optimiser.norms(g.data()).total)) << slot.label << " " << at;
      }
}

TEST(Optimiser, HoldsTheNormOfEachUnitsIncomingWeights) {
  ThreadPool threads(2);
  Options o;
  o.optimizer = "sgd";
  o.weight_decay = 0;
  o.max_norm = 3.5;
  Numbers n;
  n.draw(n.w, 1, 1);  // columns of 13 normal numbers: norms around 3.6
  const std::vector<float> before(n.w.span().begin(), n.w.span().end());
  Optimiser(o, n.layout, threads).step(n.w.data(), n.g.data(), 0.1, 1);
  int held = 0, free = 0;
  for (const run::ParameterSlot& slot : n.layout.slots()) {
    if (slot.shape.rank() == 1) {
      for (std::size_t i = slot.offset; i < slot.offset + slot.size; ++i)
        ASSERT_EQ(n.w.data()[i], before[i]) << "biases have no limit";
      continue;
    }
    for (std::int64_t c = 0; c < slot.shape[1]; ++c) {
      double old_squares = 0, squares = 0;
      for (std::int64_t r = 0; r < slot.shape[0]; ++r) {
        const std::size_t i = slot.offset + static_cast<std::size_t>(r * slot.shape[1] + c);
        old_squares += static_cast<double>(before[i]) * before[i];
        squares += static_cast<double>(n.w.data()[i]) * n.w.data()[i];
      }
      if (old_squares <= 3.5 * 3.5) {
        ++free;
        EXPECT_EQ(squares, old_squares);
      } else {
        ++held;
        EXPECT_NEAR(std::sqrt(squares), 3.5, 1e-5);
      }
    }
  }
  EXPECT_GT(held, 3);
  EXPECT_GT(free, 3);
}

TEST(Optimiser, RefusesAnUnknownNameAndSuggestsTheNearest) {
  ThreadPool threads(1);
  Numbers n;
  Options o;
  o.optimizer = "adma";
  const std::string what = error_of([&] { Optimiser(o, n.layout, threads); });
  EXPECT_TRUE(contains(what, "'adma'") && contains(what, "'adam'")) << what;
  for (const std::string& name : optimiser_names()) EXPECT_GT(usual_rate(name), 0) << name;
  EXPECT_THROW(usual_rate("newton"), Error);
  const auto rate_of = [](const char* optimizer, int batch, int accumulate) {
    Options options;
    options.optimizer = optimizer, options.batch = batch, options.accumulate = accumulate;
    return usual_rate(options);
  };
  EXPECT_DOUBLE_EQ(rate_of("nesterov", 32, 1), 0.05);
  EXPECT_DOUBLE_EQ(rate_of("nesterov", 32, 3), 0.15);
  EXPECT_DOUBLE_EQ(rate_of("nesterov", 512, 1), 0.2);
  EXPECT_DOUBLE_EQ(rate_of("adam", 32, 1), 1e-3);
}

}  // namespace
}  // namespace rectify::train
