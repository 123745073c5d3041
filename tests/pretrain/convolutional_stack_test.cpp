// Stacks with convolutional machines: their networks, their files and what training goes on from.
#include <gtest/gtest.h>

#include <cmath>

#include "rectify/graph/text.h"
#include "rectify/model/file.h"
#include "rectify/pretrain/folder.h"
#include "rectify/pretrain/reconstruction.h"
#include "rectify/pretrain/saved_stack.h"
#include "tests/helpers.h"
#include "tests/temporary_folder.h"

namespace rectify::pretrain {
namespace {

class ConvolutionalStack : public testing::Test {
 protected:
  ConvolutionalStack()
      : dataset_(data::open("glyphs:train=300,test=50,difficulty=0.2", threads_)) {}

  Pretrainer& train(const std::string& stack, int epochs, int unroll = 0) {
    Options options;
    options.stack = stack;
    options.train.epochs = epochs;
    options.train.batch = 32;
    options.unroll = unroll;
    pretrainer_.emplace(options, dataset_, threads_);
    while (!pretrainer_->finished()) pretrainer_->train_epoch();
    return *pretrainer_;
  }

  ThreadPool threads_{2};
  data::Dataset dataset_;
  std::optional<Pretrainer> pretrainer_;
};

TEST_F(ConvolutionalStack, IsAnOrdinaryNetwork) {
  const Pretrainer& p = train("crbm 5 kernel=9 pool=2 | crbm 4 kernel=3 | rbm 9 nrelu", 1);
  EXPECT_EQ(graph::model_text(p.encoder().graph),
            "28x28x1 : conv 5 9 padding=valid | sigmoid | max_pool 2 | conv 4 3 padding=valid | "
            "sigmoid | max_pool 2 | flatten | dense 9 | relu");
  EXPECT_EQ(p.narrowest(), 9);
  const model::Model both = p.autoencoder();
  EXPECT_EQ(both.graph.node(both.graph.result).type.shape, (Shape{28, 28, 1}));
}

// max_pool of sigmoid(x) is the chance that the likeliest unit of a block would be on if it were
// alone, so at most that of the pooling unit, which is at most that of four such units.
TEST_F(ConvolutionalStack, PoolsToAboutTheChanceThatABlockIsOn) {
  const Pretrainer& p = train("crbm 6 kernel=9 pool=2", 3);
  const ConvolutionalMachine m = *p.trainer(0).convolutional();
  const std::vector<std::uint32_t> some = {0, 7, 130};
  const std::vector<float> pictures = p.rows(0).of(some);
  const model::Model encoder = p.encoder();
  const std::vector<float> got =
      p.rows(0)
          .through(encoder.graph, encoder.layout, encoder.parameters.data(), threads_)
          .of(some);
  ASSERT_EQ(got.size(), 3u * 600);
  for (std::size_t at = 0; at < got.size(); ++at) {
    const std::size_t picture = at / 600, row = at % 600 / 60, column = at % 60 / 6, k = at % 6;
    double states = 1;
    for (std::size_t unit = 0; unit < 4; ++unit) {
      double x = m.hidden_bias[k];
      for (std::size_t t = 0; t < 81; ++t) {
        const std::size_t y = 2 * row + unit / 2 + t / 9, z = 2 * column + unit % 2 + t % 9;
        x += static_cast<double>(pictures[picture * 784 + y * 28 + z]) * m.weight[t * 6 + k];
      }
      states += std::exp(x);
    }
    const double on = 1 - 1 / states;
    EXPECT_LE(got[at], on + 1e-5);
    EXPECT_GE(got[at], on / (4 - 3 * on) - 1e-5);  // odds a quarter of those of the pooling unit
  }
}

TEST_F(ConvolutionalStack, LearnsFromEpochToEpoch) {
  for (const char* stack : {"crbm 12 kernel=9 pool=2", "crbm 12 kernel=9 pool=2 sparsity=0.05",
                            "crbm 12 nrelu kernel=9 pool=1"}) {
    const Pretrainer& p = train(stack, 8);
    const Record &first = p.history().front(), &last = p.history().back();
    EXPECT_LT(*last.loss, 0.9 * *first.loss) << stack;
    EXPECT_TRUE(last.free_energy_gap.has_value()) << stack;
  }
}

TEST_F(ConvolutionalStack, KeepsToASparsity) {
  const auto mean = [&](const char* stack) {
    train(stack, 5);
    return pretrainer_->history().back().mean_activity;
  };
  EXPECT_LT(mean("crbm 8 kernel=9 pool=2 sparsity=0.01 sparsity_cost=5"),
            0.5 * mean("crbm 8 kernel=9 pool=2"));
}

TEST_F(ConvolutionalStack, ReproducesBetterWhenUnrolled) {
  const auto error = [&](int unroll) {
    const model::Model both = train("crbm 8 kernel=9 pool=2 | rbm 20", 2, unroll).autoencoder();
    return reconstruct(both, 20, dataset_, pretrainer_->partition().train, threads_)
        .mean_squared_error;
  };
  const double layers = error(0);
  EXPECT_LT(error(20), 0.8 * layers);
}

TEST_F(ConvolutionalStack, IsReadFromItsFileAndGoesOn) {
  const Pretrainer& p = train("crbm 5 kernel=9 pool=2 | rbm 6", 1);
  const TemporaryFolder place;
  const auto folder = train::RunFolder::create(place.path() / "out", false);
  save(folder, p);
  save_filters(folder, p);
  const SavedStack stack = load_stack(folder.path());
  ASSERT_TRUE(stack.convolutional.at(0));
  EXPECT_EQ(stack.convolutional[0]->weight, p.trainer(0).convolutional()->weight);
  EXPECT_EQ(stack.convolutional[0]->pool, 2);
  EXPECT_FALSE(stack.convolutional.at(1));
  EXPECT_TRUE(same_bits(stack.encoder.parameters.span(), p.encoder().parameters.span()));
  const std::vector<std::uint32_t> some = {3, 9};
  const std::vector<float> rows = p.rows(0).of(some);
  EXPECT_EQ(free_energies(stack, rows, threads_),
            free_energies(*p.trainer(0).convolutional(), rows, threads_));
  EXPECT_PRED2(contains, error_of([&] { machine_of(stack, 0); }),
               "neither likelihoods nor samples");
  EXPECT_NO_THROW(machine_of(stack, 1));
  EXPECT_EQ(
      start_from(folder.path()).encoder,
      "28x28x1 : conv 5 9 padding=valid | sigmoid | max_pool 2 | flatten | dense 6 | sigmoid");
  EXPECT_TRUE(std::filesystem::exists(folder.file("filters.png")));
}

}  // namespace
}  // namespace rectify::pretrain
