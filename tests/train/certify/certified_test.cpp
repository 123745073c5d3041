// Training for certificates: schedule, figures, that it does what it is for, and that it resumes.

#include "rectify/train/certify/certified.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "rectify/model/loss.h"
#include "rectify/model/perturbation.h"
#include "rectify/train/certify/certified_error.h"
#include "rectify/train/trainer.h"
#include "tests/helpers.h"

namespace rectify::train {
namespace {

Options options_for(const std::string& data) {
  Options options;
  options.data = data;
  options.model = "2 : dense 16 | relu | dense 2";
  options.epochs = 12;
  options.optimizer = "adam";
  options.lr = 0.01;
  options.weight_decay = 0;
  options.batch = 32;
  return options;
}

TEST(Certified, StrengthRisesInAStraightLine) {
  Options options;
  options.epochs = 20;
  options.certify = 0.1;
  options.certify_stretch = 2;
  options.certify_weight = 3;
  const auto expect = [&](double done, double eps, double weight) {
    const Strength s = strength_at(options, done);
    EXPECT_NEAR(s.eps, eps, 1e-15) << done;
    EXPECT_NEAR(s.weight, weight, 1e-14) << done;
  };
  expect(0, 0, 0);  // the first epoch is a twentieth of all, the next ten are half
  expect(1, 0, 0);
  expect(2, 0.02, 0.3);
  expect(6, 0.1, 1.5);
  expect(11, 0.2, 3);
  expect(20, 0.2, 3);
  options.certify_warmup = options.certify_ramp = 0;
  expect(0, 0.2, 3);
}

TEST(Certified, ChangeOfImagesIsAShareOfTheRangeAndStaysInIt) {
  ThreadPool threads(1);
  const data::Dataset images = data::open("glyphs:train=20,test=10", threads);
  const model::Perturbation change(images, 0.1);
  EXPECT_DOUBLE_EQ(change.radius(), 25.5);
  EXPECT_EQ(change.range(5), std::pair(0.0, 30.5));
  EXPECT_EQ(change.range(250), std::pair(224.5, 255.0));
  // (v - 100) / 50: 5 is -1.9, its range that of 0 to 30.5, from -2 to -1.39.
  const std::vector<float> x = {-1.9f};
  const std::vector<data::Scaling> scaling = {{100, 0.02f}};
  float centre = 0, radius = 0;
  change.put_box(x, scaling, &centre, &radius);
  EXPECT_NEAR(centre, -1.695, 1e-5);
  EXPECT_NEAR(radius, 0.305, 1e-5);
  EXPECT_TRUE(contains(error_of([&] { model::Perturbation(images, 8).check_within_range(); }),
                       "a change of 8 is more than an image's whole range"));
  const data::Dataset points = data::open("moons:train=20,test=10", threads);
  EXPECT_EQ(model::Perturbation(points, 0.1).range(5), std::pair(4.9, 5.1));
}

// A negative size would leave no change at all, of which anything can be proven.
TEST(Certified, ChangeHasNoNegativeSize) {
  ThreadPool threads(1);
  const data::Dataset points = data::open("moons:train=20,test=10", threads);
  EXPECT_TRUE(contains(error_of([&] { model::Perturbation(points, -0.1); }),
                       " cannot be changed by up to -0.1; give a size that is 0 or more"));
  EXPECT_THROW(model::Perturbation(points, std::numeric_limits<double>::quiet_NaN()), Error);
  EXPECT_EQ(model::Perturbation(points, 0).range(5), std::pair(5.0, 5.0));
}

/// y = (x0, -x0): the class is 0 where x0 > 0. A box of radius 0.3 leaves no doubt beyond 0.3.
TEST(Certified, ErrorCountsSamplesNearABorder) {
  ThreadPool threads(1);
  data::Dataset dataset = data::open("moons:train=20,test=10", threads);
  dataset.test.count = 5;
  dataset.test.values = {0.5f, 9, 0.29f, 9, 0.31f, 9, -1, 9, -0.1f, 9};
  dataset.test.labels = {0, 0, 0, 1, 0};  // proven, near, proven, proven, wrong
  model::Model model("2 : dense 2 bias=no");
  model.loss = "softmax_cross_entropy";
  const std::vector<float> weights = {1, -1, 0, 0};
  std::ranges::copy(weights, model.parameters.data());
  CertifiedError error(model, model.parameters.data(), dataset, 0.3, threads);
  EXPECT_DOUBLE_EQ(error.of(dataset.test, model::all_samples(5)), 0.4);
  EXPECT_TRUE(std::isnan(error.of(dataset.test, {})));
  model.normalisation.inputs = {{0, 2}};  // twice as large inside: the same box outside
  EXPECT_DOUBLE_EQ(error.of(dataset.test, model::all_samples(5)), 0.4);
}

/// The same network: what is worst for class 0 is the smallest x0, and x1 does not matter.
TEST(Certified, SmallBoxesLieAroundTheWorstInput) {
  ThreadPool threads(2);
  const data::Dataset dataset = data::open("moons:train=20,test=10", threads);
  model::Model model("2 : dense 2 bias=no");
  model.loss = "softmax_cross_entropy";
  model.normalisation.inputs = {{1, 0.5f}};
  const std::vector<float> weights = {1, -1, 0, 0};
  std::ranges::copy(weights, model.parameters.data());
  graph::Graph graph = model.graph;
  model::add_loss(graph, model.loss, true);
  add_worst_margins(graph);
  run::Plan plan(graph, model.layout, model.parameters.data(), threads,
                 run::PlanOptions{.batch = 2});
  const std::vector<float> inputs = {0.5f, 9, -0.5f, 7};
  std::ranges::copy(inputs, plan.input(graph.find("input")));
  plan.labels(graph.find("target"))[0] = 0;
  plan.labels(graph.find("target"))[1] = 1;
  const auto expect = [&](double share, std::vector<float> centre, float radius) {
    BoxFeed(model, model.parameters.data(), dataset, share, threads).fill(plan, graph, 0.4);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(plan.input(graph.find(box_centre))[i], centre[i], 1e-6) << share << ' ' << i;
      EXPECT_NEAR(plan.input(graph.find(box_radius))[i], radius, 1e-6) << share << ' ' << i;
    }
  };
  expect(1, inputs, 0.2f);                     // 0.4 outside is 0.2 inside
  expect(0.25, {0.35f, 9, -0.35f, 7}, 0.05f);  // moved by 0.15, so that boxes touch the border
}

TEST(Certified, TrainingProvesMoreThanUsualTraining) {
  ThreadPool threads(2);
  const std::string data = "moons:train=600,test=200";
  const data::Dataset dataset = data::open(data, threads);
  Options usual = options_for(data);
  usual.model = "2 : dense 32 | relu | dense 32 | relu | dense 2";
  Trainer plain(usual, dataset, threads);
  while (!plain.finished()) plain.train_epoch();
  EXPECT_FALSE(plain.certified_test_error(true));
  const model::Model model = plain.best_model();
  Options wanted = usual;
  wanted.certify = 0.15;
  Trainer trainer(wanted, dataset, threads);
  while (!trainer.finished()) trainer.train_epoch();
  Buffer parameters(model.layout.floats());
  std::ranges::copy(model.parameters.span(), parameters.data());
  const double before = CertifiedError(model, parameters.data(), dataset, 0.15, threads)
                            .of(dataset.test, model::all_samples(200));
  const double after = *trainer.certified_test_error(true);
  EXPECT_LT(after, 0.75 * before);
  EXPECT_LT(after, 0.35);
  ASSERT_TRUE(trainer.history().back().certified_error);
  const EpochRecord again = epoch_from_json(to_json(trainer.history().back()));
  EXPECT_EQ(again.certified_error, trainer.history().back().certified_error);
  // The best epoch is that of the lowest certified error.
  for (const EpochRecord& record : trainer.history())
    EXPECT_GE(
        *record.certified_error,
        *trainer.history()[static_cast<std::size_t>(trainer.best_epoch() - 1)].certified_error);
}

TEST(Certified, TrainingGoesOnAsIfItHadNotBeenInterrupted) {
  const std::string data = "moons:train=300,test=50";
  ThreadPool one(1), two(2);
  const data::Dataset dataset = data::open(data, one);
  Options options = options_for(data);
  options.epochs = 4;
  options.certify = 0.1;
  std::vector<float> whole_boxes;
  for (const double share : {1.0, 0.4}) {
    options.certify_share = share;
    Trainer whole(options, dataset, one);
    while (!whole.finished()) whole.train_epoch();
    Trainer first(options, dataset, two);
    first.train_epoch();
    first.train_epoch();
    Trainer second(options, dataset, two);
    second.restore(first.state(), first.history());
    while (!second.finished()) second.train_epoch();
    const std::span<const float> got = whole.model().parameters.span();
    EXPECT_TRUE(same_bits(got, second.model().parameters.span())) << share;
    if (share == 1)
      whole_boxes.assign(got.begin(), got.end());
    else
      EXPECT_FALSE(same_bits(got, std::span<const float>(whole_boxes)));
  }
}

TEST(Certified, RefusesWhatItCannotProve) {
  ThreadPool threads(1);
  const data::Dataset dataset = data::open("moons:train=100,test=50", threads);
  const auto error = [&](const std::function<void(Options&)>& change) {
    Options options = options_for("moons:train=100,test=50");
    options.certify = 0.1;
    change(options);
    return error_of([&] { Trainer(options, dataset, threads); });
  };
  EXPECT_EQ(error([](Options&) {}), "");
  EXPECT_TRUE(contains(error([](Options& o) { o.mixup = 0.2; }), "--certify and --mixup"));
  EXPECT_TRUE(contains(error([](Options& o) { o.loss = "hinge"; }), "softmax_cross_entropy, not"));
  EXPECT_TRUE(contains(error([](Options& o) { o.model = "2 : dense 8 | gelu | dense 2"; }),
                       "'gelu1' falls somewhere"));
  EXPECT_TRUE(contains(error([](Options& o) { o.model = "2 : dense 2 | identity"; }),
                       "ends in one dense layer"));
}

}  // namespace
}  // namespace rectify::train
