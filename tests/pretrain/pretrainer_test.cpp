#include "rectify/pretrain/pretrainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "rectify/graph/text.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/file.h"
#include "rectify/pretrain/folder.h"
#include "tests/helpers.h"
#include "tests/temporary_folder.h"
#include "tests/toy_data.h"

namespace rectify::pretrain {
namespace {

data::Dataset digits(int samples = 300) {
  ThreadPool threads(2);
  return data::open(concat("glyphs:test=50,difficulty=0.2,train=", samples), threads);
}

Options options_for(const std::string& stack, int epochs = 3) {
  Options options;
  options.stack = stack;
  options.train.epochs = epochs;
  options.train.batch = 32;
  return options;
}

void train_all(Pretrainer& pretrainer) {
  while (!pretrainer.finished()) ASSERT_TRUE(pretrainer.train_epoch());
}

constexpr const char* stacks[] = {
    "rbm 20",
    "rbm 20 nrelu | rbm 10 binary",
    "rbm 12 method=pcd | rbm 9 softmax method=pcd k=2",
    "rbm 15 stepped copies=4 centred=yes | rbm 8 gaussian",
    "rbm 15 capped sparsity=0.1 | rbm 8 nrelu states=sample k=3",
    "rbm 15 bipolar | rbm 9 bipolar",
    "rbm 12 visible=gaussian variance=learned sparsity=0.1 | rbm 9",
    "crbm 5 kernel=9 pool=2 sparsity=0.05 | crbm 4 kernel=3 method=pcd k=2 | rbm 9",
    "crbm 4 nrelu kernel=7 pool=1 states=sample | dae 6",
    "rbm 12 method=pt temperatures=3 | rbm 9 method=pt temperatures=2 k=2 centred=yes",
};

TEST(Pretrainer, GivesTheSameBitsForAnyNumberOfThreads) {
  const data::Dataset data = digits(110);  // three batches and a short one
  for (const char* stack : stacks) {
    std::string first;
    for (const int n : {1, 2, 3}) {
      ThreadPool threads(n);
      Pretrainer pretrainer(options_for(stack, 2), data, threads);
      train_all(pretrainer);
      const std::string bytes = model::encode(pretrainer.stack_file());
      if (first.empty()) first = bytes;
      EXPECT_TRUE(bytes == first) << stack << ", " << n << " threads";
    }
  }
}

TEST(Pretrainer, GoesOnFromItsStateAsIfNothingHadHappened) {
  const data::Dataset data = digits(110);
  ThreadPool threads(2);
  for (const char* stack : stacks) {
    Pretrainer whole(options_for(stack, 2), data, threads);
    train_all(whole);
    Pretrainer first(options_for(stack, 2), data, threads);
    for (std::size_t stop = 0; stop <= 2 * whole.layers().size(); ++stop) {
      Pretrainer second(options_for(stack, 2), data, threads);
      second.restore(model::decode(model::encode(first.state()), "state"), first.history());
      train_all(second);
      EXPECT_TRUE(model::encode(second.stack_file()) == model::encode(whole.stack_file()))
          << stack << " after " << stop << " epochs";
      if (!first.finished()) first.train_epoch();
    }
  }
}

TEST(Pretrainer, ReconstructsBetterFromEpochToEpoch) {
  const data::Dataset data = digits();
  ThreadPool threads(2);
  for (const char* stack : {"rbm 60", "rbm 60 nrelu", "rbm 60 stepped copies=6", "rbm 60 capped"}) {
    Pretrainer pretrainer(options_for(stack, 12), data, threads);
    train_all(pretrainer);
    const Record &first = pretrainer.history().front(), &last = pretrainer.history().back();
    EXPECT_LT(*last.loss, 0.8 * *first.loss) << stack;
    EXPECT_LT(*last.validation_loss, *first.validation_loss) << stack;
    EXPECT_TRUE(last.free_energy_gap.has_value()) << stack;
  }
}

TEST(Pretrainer, EncoderComputesWhatTheLayersDo) {
  const data::Dataset data = digits();
  ThreadPool threads(2);
  Pretrainer pretrainer(options_for("rbm 20 nrelu | rbm 10 binary", 1), data, threads);
  train_all(pretrainer);
  const model::Model encoder = pretrainer.encoder();
  EXPECT_EQ(graph::model_text(encoder.graph), "784 : dense 20 | relu | dense 10 | sigmoid");
  const LayerTrainer& top = pretrainer.trainer(1);
  const std::vector<std::uint32_t> all = model::all_samples(data.train.count);
  const LayerTrainer::Encoder one = top.encoder();
  const std::vector<float> want =
      pretrainer.rows(1).through(one.graph, one.layout, one.parameters.data(), threads).of(all);
  const std::vector<float> got =
      pretrainer.rows(0)
          .through(encoder.graph, encoder.layout, encoder.parameters.data(), threads)
          .of(all);
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], want[i], 1e-5);
}

TEST(Pretrainer, EncoderTakesLearnedVariancesIn) {
  const data::Dataset data = digits();
  ThreadPool threads(2);
  Options options = options_for("rbm 20 variance=learned lr=0.01", 2);
  options.train.normalise = data::Normaliser::standard;
  Pretrainer pretrainer(options, data, threads);
  train_all(pretrainer);
  const Machine machine = *pretrainer.trainer(0).machine();
  ASSERT_EQ(machine.variance.size(), data.features());
  EXPECT_LT(*std::ranges::min_element(machine.variance), 0.9);
  const std::vector<std::uint32_t> some = {0, 5, 17, 200};
  const std::vector<float> rows = pretrainer.rows(0).of(some);
  const std::vector<float> inputs = hidden_inputs(machine, rows, threads);
  const model::Model encoder = pretrainer.encoder();
  const std::vector<float> got =
      pretrainer.rows(0)
          .through(encoder.graph, encoder.layout, encoder.parameters.data(), threads)
          .of(some);
  for (std::size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], 1 / (1 + std::exp(-inputs[i])), 1e-4) << i;
}

TEST(Pretrainer, SparsityTargetPullsTheMeanDown) {
  const data::Dataset data = digits();
  ThreadPool threads(2);
  const auto mean = [&](const char* stack) {
    Pretrainer pretrainer(options_for(stack, 10), data, threads);
    train_all(pretrainer);
    return pretrainer.history().back().mean_activity;
  };
  const double free = mean("rbm 40 lr=0.1"),
               sparse = mean("rbm 40 lr=0.1 sparsity=0.05 sparsity_cost=2");
  EXPECT_LT(sparse, 0.6 * free);
}

// A machine with one hidden unit of two states, on data of two states: contrastive divergence finds
// which pixels go together.
TEST(Pretrainer, LearnsAnObviousPattern) {
  data::Dataset data;
  data.spec = "stripes";
  data.sample_shape = Shape{6};
  data.class_names = {"a", "b"};
  for (std::size_t i = 0; i < 200; ++i)
    for (std::size_t p = 0; p < 6; ++p)
      data.train.values.push_back(static_cast<float>((p < 3) == (Random(5).word(i) % 2 == 0)));
  for (std::size_t i = 0; i < 200; ++i)
    data.train.labels.push_back(static_cast<std::int32_t>(Random(5).word(i) % 2));
  data.train.count = 200;
  data.test = data.train;
  ThreadPool threads(1);
  Options options = options_for("rbm 1 lr=0.2", 60);
  options.train.weight_decay = 0;
  Pretrainer pretrainer(options, data, threads);
  train_all(pretrainer);
  const auto w = numbers_of(pretrainer.trainer(0).layout(),
                            pretrainer.trainer(0).parameters().data(), "weight");
  for (std::size_t p = 1; p < 6; ++p) EXPECT_EQ(w[p] > 0, (p < 3) == (w[0] > 0)) << p;
  EXPECT_GT(std::abs(w[0]), 2);
}

TEST(Pretrainer, TakesLowerRatesForWideLayersOverUnitsWithoutABound) {
  ThreadPool threads(2);
  const data::Dataset table = moons();
  const auto rate_of = [&](const std::string& stack) {
    Options options = options_for(stack, 1);
    options.train.normalise = data::Normaliser::standard;
    Pretrainer pretrainer(options, table, threads);
    pretrainer.train_epoch();
    return pretrainer.history().front().lr;
  };
  EXPECT_DOUBLE_EQ(rate_of("rbm 1000 visible=gaussian"), 0.005);
  EXPECT_DOUBLE_EQ(rate_of("rbm 2000 visible=gaussian"), 0.0025);
  EXPECT_DOUBLE_EQ(rate_of("rbm 250 bipolar visible=gaussian"), 0.005);
  EXPECT_DOUBLE_EQ(rate_of("rbm 1000 bipolar visible=gaussian"), 0.00125);
  EXPECT_DOUBLE_EQ(rate_of("rbm 2000 softmax visible=gaussian"), 0.005);
}

TEST(Pretrainer, RefusesWhatDoesNotFit) {
  ThreadPool threads(1);
  const data::Dataset table = moons();
  Options options = options_for("rbm 5 visible=binary");
  options.train.normalise = data::Normaliser::standard;
  EXPECT_PRED2(contains, error_of([&] { Pretrainer(options, table, threads); }),
               "visible=gaussian");
  EXPECT_PRED2(contains, error_of([&] { Pretrainer(options_for("rbm 5 foo=1"), table, threads); }),
               "no attribute");
  options.stack = "rbm 5 variance=learned states=mean";
  EXPECT_PRED2(contains, error_of([&] { Pretrainer(options, table, threads); }), "states=mean");
  options.stack = "rbm 5 variance=learned centred=yes";
  EXPECT_PRED2(contains, error_of([&] { Pretrainer(options, table, threads); }), "fixed variances");
  EXPECT_PRED2(contains, error_of([&] {
                 Pretrainer(options_for("rbm 5 visible=nrelu variance=learned"), table, threads);
               }),
               "variance=learned is of gaussian visible units, not nrelu");
  Options negative = options_for("rbm 5");
  negative.slow_epochs = -1;
  EXPECT_PRED2(contains, error_of([&] { Pretrainer(negative, table, threads); }), "slow-epochs");
}

static_assert(!std::is_move_constructible_v<Pretrainer>, "its layers refer to its members");

TEST(Pretrainer, StaysAsItIsWhenAnEpochTooManyIsAskedFor) {
  const data::Dataset table = moons();
  ThreadPool threads(1);
  for (const int unroll : {0, 1}) {
    Options options = options_for("rbm 5", 1);
    options.unroll = unroll;
    Pretrainer pretrainer(options, table, threads);
    train_all(pretrainer);
    const std::string before = model::encode(pretrainer.state());
    EXPECT_PRED2(contains, error_of([&] { pretrainer.train_epoch(); }), "all their epochs");
    EXPECT_TRUE(model::encode(pretrainer.state()) == before);
    EXPECT_EQ(pretrainer.share_done(), 1);
    EXPECT_TRUE(pretrainer.finished());
  }
}

TEST(Pretrainer, RefusesDataThatContradictThemselves) {
  data::Dataset table = moons();
  ThreadPool threads(1);
  table.train.count = 399;
  EXPECT_PRED2(contains, error_of([&] { Pretrainer(options_for("rbm 5"), table, threads); }),
               "the training split of moons");
}

TEST(Pretrainer, RefusesWhatNeedsLabels) {
  Options options = options_for("rbm 5");
  options.train.schedule = train::Schedule::plateau;
  EXPECT_PRED2(contains, error_of([&] { check(options); }), "--schedule plateau");
  options.train.schedule = train::Schedule::cosine;
  EXPECT_EQ(error_of([&] { check(options); }), "");
  options.train.certify = 0.1;
  EXPECT_PRED2(contains, error_of([&] { check(options); }), "--certify");
}

TEST(Pretrainer, RefusesAStateOfOtherOptionsOrData) {
  const data::Dataset data = digits();
  ThreadPool threads(1);
  Pretrainer first(options_for("rbm 5", 1), data, threads);
  train_all(first);
  Pretrainer other(options_for("rbm 6", 1), data, threads);
  EXPECT_PRED2(contains, error_of([&] { other.restore(first.state(), first.history()); }),
               "other options");
  const data::Dataset more = data::open("glyphs:train=301,test=50,difficulty=0.2", threads);
  Pretrainer changed(options_for("rbm 5", 1), more, threads);
  EXPECT_PRED2(contains, error_of([&] { changed.restore(first.state(), first.history()); }),
               "changed since");
  Pretrainer same(options_for("rbm 5", 1), data, threads);
  EXPECT_PRED2(contains, error_of([&] { same.restore(first.state(), {}); }), "history is shorter");
}

TEST(PretrainingFolder, SaysWhatATrainingStartsFrom) {
  const data::Dataset data = digits();
  ThreadPool threads(1);
  const TemporaryFolder place;
  Pretrainer pretrainer(options_for("rbm 7 nrelu | rbm 5", 1), data, threads);
  const auto folder = train::RunFolder::create(place.path() / "out", false);
  save(folder, pretrainer);
  pretrainer.train_epoch();
  save(folder, pretrainer);
  EXPECT_PRED2(contains, error_of([&] { start_from(folder.path()); }), "has not finished");
  pretrainer.train_epoch();
  save(folder, pretrainer);
  const Start start = start_from(folder.path());
  EXPECT_EQ(start.encoder, "784 : dense 7 | relu | dense 5 | sigmoid");
  EXPECT_EQ(start.normalise, data::Normaliser::range);
  EXPECT_EQ(saved_history(folder.path()).size(), 2u);
  EXPECT_EQ(saved_options(folder.path()), pretrainer.options());
}

}  // namespace
}  // namespace rectify::pretrain
