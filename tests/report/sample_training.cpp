#include "tests/report/sample_training.h"

#include <cmath>

#include "rectify/base/random.h"

namespace rectify::report {
namespace {

/// A black PNG of one pixel.
const unsigned char pixel[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
    0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00,
    0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78,
    0x9c, 0x63, 0x60, 0x00, 0x00, 0x00, 0x02, 0x00, 0x01, 0x48, 0xaf, 0xa4, 0x71, 0x00,
    0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

TrainingEpoch epoch_of(int epoch, int layers) {
  const double falling = std::exp(-0.2 * epoch);
  TrainingEpoch out{.epoch = epoch,
                    .lr = 0.2 * falling,
                    .train_loss = 2 * falling,
                    .train_error = 0.6 * falling,
                    .validation_loss = 2.1 * falling + 0.01 * epoch,
                    .validation_error = 0.6 * falling + 0.02,
                    .seconds = 0.4,
                    .weights = {},
                    .layers = {}};
  for (int l = 1; l <= layers; ++l) {
    const std::string n = std::to_string(l);
    out.weights.push_back({"dense" + n + ".weight", falling / l, 0.01 * falling * l});
    out.layers.push_back({"relu" + n, 0.5 + 0.1 * falling * l / layers, 0.05 * l / layers, 0.6});
  }
  return out;
}

void add_classes(Training& run, int classes) {
  for (int c = 0; c < classes; ++c) {
    run.class_names.push_back("class " + std::to_string(c));
    run.classes.push_back({270 + c, 30, 60, 0.9, 0.8, 0.847, 0.97, 1});
    run.confusion.emplace_back(static_cast<std::size_t>(classes), 1);
    run.confusion.back()[static_cast<std::size_t>(c)] = 51;
  }
  run.mean = {0, 0, 0, 0.9, 0.8, 0.847, 0.97};
  for (std::size_t i = 0; i < 6; ++i)
    run.worst.push_back({i,
                         "class 0",
                         "class 1",
                         0.98,
                         std::string(reinterpret_cast<const char*>(pixel), sizeof pixel),
                         {}});
}

void add_target(Training& run) {
  TargetFigures target{.name = "price", .answers = {}, .residuals = {-2, 2, {1, 4, 9, 5, 1}}};
  const Random random(1);
  for (std::uint64_t i = 0; i < 80; ++i) {
    const double actual = 10 * random.uniform(2 * i);
    target.answers.emplace_back(actual, actual + random.normal(i));
  }
  run.targets = {target};
  run.columns = {"rooms", "area"};
  for (std::size_t i = 0; i < 5; ++i)
    run.worst.push_back({i, "4.5", "9.1", no_value, "", {"3", "77"}});
}

}  // namespace

Training sample_training(int classes, int epochs, int layers) {
  Training run{.version = "0.1.0",
               .date = "2026-01-02",
               .command = "rectify train --config run/config.toml --out again",
               .data = "glyphs",
               .model = "784 : dense 64 | relu | dense 10",
               .config = {{"epochs", "12", "Steps"}, {"batch", "64", "Steps", false}},
               .data_facts = {{"spec", "glyphs"}},
               .machine = {{"processor", "some"}},
               .notes = {"a note"},
               .epochs = epochs,
               .best_epoch = epochs,
               .test_error = 0.137,
               .test_loss = 0.5,
               .test_samples = 600};
  for (int e = 1; e <= epochs; ++e) run.history.push_back(epoch_of(e, layers));
  if (classes > 0)
    add_classes(run, classes);
  else
    add_target(run);
  return run;
}

}  // namespace rectify::report
