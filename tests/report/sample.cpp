#include "tests/report/sample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "rectify/base/random.h"
#include "rectify/base/text.h"

namespace rectify::report {
namespace {

struct Character {
  const char* name;
  double final_error;  ///< on the test split
  double pace;         ///< how fast the error falls, an epoch
  double zeros;        ///< share of exact zeros that it settles at
  double dead;         ///< share of dead units in the first layer at the end
  double shrink;       ///< factor of the gradient from a layer to the one before it
  double low;          ///< of its outputs
  double seconds;
};

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

constexpr std::array<Character, 12> activations_shown = {{
    {"relu", .0162, .42, .64, .034, .92, 0, .412},
    {"tanh", .0231, .33, 0, 0, .68, -1, .447},
    {"sigmoid", .0388, .24, 0, 0, .21, 0, .451},
    {"gelu", .0158, .40, 0, 0, .90, -.17, .523},
    {"leaky_relu", .0165, .41, 0, 0, .93, -infinity, .420},
    {"elu", .0187, .37, 0, 0, .95, -1, .480},
    {"silu", .0169, .39, 0, 0, .88, -.28, .497},
    {"softplus", .0296, .27, 0, 0, .55, 0, .555},
    {"relu6", .0171, .40, .63, .021, .91, 0, .415},
    {"hard_sigmoid", .0412, .22, .04, .009, .19, 0, .430},
    {"mish", .0166, .38, 0, 0, .89, -.31, .610},
    {"threshold_relu", .0244, .31, .81, .152, .80, 0, .418},
}};

double noise(std::uint64_t seed, std::uint64_t index) { return Random(seed).normal(index); }

Summary summary(std::vector<double> values) {
  double mean = 0, square = 0;
  const double n = static_cast<double>(values.size());
  for (const double value : values) mean += value / n;
  for (const double value : values) square += (value - mean) * (value - mean);
  return {mean, values.size() > 1 ? std::sqrt(square / (n - 1)) : nan, std::move(values)};
}

double validation_error(const Character& of, int epoch) {
  const double overfit = 4e-5 * std::max(0, epoch - 18);
  return 1.04 * of.final_error + .55 * std::exp(-of.pace * std::pow(epoch, .8)) + overfit;
}

Epoch epoch_of(const Character& of, int epoch, int layers, std::uint64_t seed) {
  const std::uint64_t at = static_cast<std::uint64_t>(epoch);
  Epoch out;
  out.epoch = epoch;
  out.validation_error = validation_error(of, epoch) * (1 + .03 * noise(seed, at));
  out.validation_error_sd = .06 * out.validation_error + .0006;
  out.train_error = .8 * out.validation_error;
  out.train_loss = 2.1 * std::exp(-of.pace * std::pow(epoch, .75)) + .002 + .4 * of.final_error;
  out.validation_loss = out.train_loss * 1.1 + .001 * epoch;
  out.seconds = of.seconds;
  const double ripe = 1 - std::exp(-epoch / 6.0);
  for (int layer = 0; layer < layers; ++layer) {
    const int depth = layers - 1 - layer;
    LayerEpoch one;
    one.label = of.name + std::to_string(layer + 1);
    one.exact_zeros = of.zeros * (.78 + .22 * ripe) * (1 + .12 * layer / std::max(1, layers - 1));
    one.exact_zeros = std::min(.97, one.exact_zeros + .004 * noise(seed, 100 * at + 1));
    one.exact_zeros = of.zeros > 0 ? std::max(0.0, one.exact_zeros) : 0;
    one.dead_units = of.dead * ripe * std::pow(.45, layer);
    one.gradient_norm = .35 * std::pow(of.shrink, depth) * (.08 + std::exp(-epoch / 9.0)) *
                        (1 + .05 * noise(seed, 100 * at + 2 + static_cast<unsigned>(layer)));
    out.layers.push_back(one);
  }
  return out;
}

Histogram outputs_of(const Character& of, int layer) {
  Histogram out{std::max(of.low, -1.6) - .05, of.low <= -1 && of.low > -2 ? 1.05 : 4.2, {}};
  constexpr int bins = 40;
  for (int bin = 0; bin < bins; ++bin) {
    const double x = out.low + (bin + .5) * (out.high - out.low) / bins;
    const double wide = 1.1 + .25 * layer;
    double count = std::exp(-.5 * (x - .2) * (x - .2) / (wide * wide));
    if (of.low > -2 && x < of.low) count = 0;
    if (of.low > -1 && of.low < 0 && x < 0) count *= 6;
    if (std::abs(of.low + 1) < 1e-9) count *= 1 + 2.5 * std::pow(std::abs(x), 6);
    out.counts.push_back(std::floor(1e5 * count));
  }
  if (of.zeros > 0) {
    const double all = 40 * 1e5 * .5;
    out.counts[static_cast<std::size_t>(-out.low / (out.high - out.low) * bins)] += all;
  }
  return out;
}

std::vector<std::vector<std::int64_t>> confusion_of(const Character& of, int classes,
                                                    std::uint64_t seed) {
  std::vector<std::vector<std::int64_t>> out;
  for (int truth = 0; truth < classes; ++truth) {
    std::vector<std::int64_t> row(static_cast<std::size_t>(classes));
    std::int64_t wrong = 0;
    for (int guess = 0; guess < classes; ++guess) {
      const std::uint64_t at = static_cast<std::uint64_t>(truth * classes + guess);
      const double rare = std::pow(Random(seed, 3).uniform(at), 4) * 4.5;
      const std::int64_t count =
          truth == guess ? 0 : std::llround(5000 * of.final_error * rare / 9);
      row[static_cast<std::size_t>(guess)] = count;
      wrong += count;
    }
    row[static_cast<std::size_t>(truth)] = std::max<std::int64_t>(0, 5000 - wrong);
    out.push_back(row);
  }
  return out;
}

std::vector<Trial> search_of(const Character& of) {
  std::vector<Trial> out;
  const double best = -2 + .4 * (of.final_error > .03 ? 1 : 0) - .25 * (of.seconds > .5 ? 1 : 0);
  for (double exponent = -4; exponent <= .01; exponent += .5) {
    const double away = exponent - best;
    const double error = 2.2 * of.final_error * (1 + 1.1 * away * away);
    out.push_back({std::pow(10, exponent), away > 1.4 ? nan : std::min(.9, error)});
  }
  return out;
}

ActivationResult result_of(const Character& of, int seeds, int epochs, int classes, int layers) {
  const std::uint64_t seed = std::string(of.name).size() * 77 + 5;
  ActivationResult out;
  out.name = of.name;
  out.model = "28x28x1 : flatten";
  for (int i = 0; i < layers; ++i) out.model += std::string(" | dense 500 | ") + of.name;
  out.model += " | dense " + std::to_string(classes);
  out.search = search_of(of);
  out.lr = std::min_element(out.search.begin(), out.search.end(), [](auto& a, auto& b) {
             return a.validation_error < b.validation_error;
           })->lr;
  std::vector<double> errors, best;
  for (int i = 0; i < seeds; ++i) {
    const std::uint64_t at = static_cast<std::uint64_t>(i);
    errors.push_back(of.final_error * (1 + .03 * noise(seed + 1, at)));
    best.push_back(std::clamp(std::round(epochs * .75 + 2 * noise(seed + 2, at)), 1., epochs * 1.));
  }
  out.test_error = summary(errors);
  out.best_epoch = summary(best);
  out.seconds_per_epoch = of.seconds;
  out.samples_per_second = 18000 / of.seconds;
  for (int epoch = 1; epoch <= epochs; ++epoch)
    out.history.push_back(epoch_of(of, epoch, layers, seed));
  out.exact_zeros = 1.06 * of.zeros * .98;
  out.dead_units = of.dead * .55;
  out.gradient_ratio = std::pow(of.shrink, layers);
  for (int layer = 0; layer < layers; ++layer) {
    const LayerEpoch& end = out.history.back().layers[static_cast<std::size_t>(layer)];
    out.layers.push_back({end.label, "dense" + std::to_string(layer + 1) + ".weight", 500,
                          end.exact_zeros, end.dead_units, end.gradient_norm,
                          outputs_of(of, layer)});
  }
  out.confusion = confusion_of(of, classes, seed);
  return out;
}

void race(std::vector<ActivationResult>& results) {
  for (ActivationResult& one : results) {
    double worst = 0;
    for (const ActivationResult& rival : results) {
      if (&rival == &one) continue;
      double best = 1;
      for (const Epoch& epoch : rival.history) best = std::min(best, epoch.validation_error);
      worst = std::max(worst, best);
    }
    const auto reached = std::find_if(one.history.begin(), one.history.end(),
                                      [&](const Epoch& e) { return e.validation_error <= worst; });
    one.match_epoch = reached == one.history.end() ? nan : reached->epoch;
  }
}

std::string verdict_of(std::vector<ActivationResult> results) {
  std::sort(results.begin(), results.end(),
            [](const auto& a, const auto& b) { return a.test_error.mean < b.test_error.mean; });
  const auto percent = [](double share) { return fixed_text(100 * share, 2); };
  std::string out = results[0].name + " makes the fewest errors, " +
                    percent(results[0].test_error.mean) + " % of the test samples";
  if (results.size() < 2) return out + ".";
  const double lead = results[1].test_error.mean - results[0].test_error.mean;
  const bool clear = lead > 3 * (results[0].test_error.sd + results[1].test_error.sd);
  return out + (clear ? "; its lead over " : ", but its lead over ") + results[1].name + " of " +
         percent(lead) + " percentage points is " +
         (clear ? "significant (Holm-corrected p < 0.01)." : "within the noise of the seeds.");
}

}  // namespace

Comparison sample_comparison(int activations, int seeds, int epochs, int classes, int layers) {
  Comparison out;
  out.version = "0.1.0";
  out.date = "2026-03-14";
  out.machine = {{"processor", "Example Processor 8 cores at 2.40 GHz"},
                 {"instruction set", "avx512"},
                 {"threads", "2"},
                 {"oneDNN", "2.6.3"}};
  out.data = {{"spec", "glyphs:classes=digits,train=20000,test=5000"},
              {"training samples", "18,000"},
              {"validation samples", "2,000"},
              {"test samples", "5,000"},
              {"classes", std::to_string(classes)}};
  out.config = {
      {"model", "28x28x1 : flatten | dense 500 | ? | dense 500 | ? | dense 500 | ? | dense"},
      {"epochs", std::to_string(epochs)},
      {"batch", "100"},
      {"optimizer", "momentum"},
      {"schedule", "cosine"},
      {"precision", "fp32"}};
  for (int i = 0; i < classes; ++i)
    out.class_names.push_back(
        classes <= 10
            ? std::to_string(i)
            : std::string(
                  1, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[i % 62]));
  for (int i = 0; i < seeds; ++i) out.seeds.push_back(static_cast<std::uint64_t>(i) + 1);
  std::string names;
  for (int i = 0; i < activations; ++i) {
    const Character& of = activations_shown[static_cast<std::size_t>(i)];
    out.activations.push_back(result_of(of, seeds, epochs, classes, layers));
    names += (i == 0 ? "" : ",") + std::string(of.name);
  }
  race(out.activations);
  out.command =
      "rectify compare --data glyphs:classes=digits,train=20000,test=5000 --activations " + names +
      " --seeds " + std::to_string(seeds) + " --epochs " + std::to_string(epochs) +
      " --lr auto --out out/compare";
  if (seeds >= 3) out.verdict = verdict_of(out.activations);
  out.notes = {"sigmoid diverged at learning rates above 0.3 and was searched below that only.",
               "The validation split is stratified and the same for all activations and seeds."};
  return out;
}

}  // namespace rectify::report
