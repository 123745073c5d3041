// Autoencoders as layers of a stack, and both_way_stacks unrolled into deep ones.

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "rectify/graph/text.h"
#include "rectify/model/file.h"
#include "rectify/model/predictor.h"
#include "rectify/pretrain/folder.h"
#include "rectify/pretrain/principal.h"
#include "rectify/pretrain/reconstruction.h"
#include "tests/helpers.h"
#include "tests/temporary_folder.h"
#include "tests/toy_data.h"

namespace rectify::pretrain {
namespace {

data::Dataset glyphs() {
  ThreadPool threads(2);
  return data::open("glyphs:train=300,test=50,difficulty=0.2", threads);
}

Options asked(const std::string& stack, int epochs, int unroll = 0) {
  Options options;
  options.stack = stack;
  options.unroll = unroll;
  options.train.epochs = epochs;
  options.train.batch = 32;
  return options;
}

void finish(Pretrainer& pretrainer) {
  while (!pretrainer.finished()) ASSERT_TRUE(pretrainer.train_epoch());
}

/// What a network answers to the first test sample, from its normalised numbers, by loops.
std::vector<double> layer_by_hand(const std::vector<double>& x, std::span<const float> weight,
                                  bool transposed, std::span<const float> bias) {
  std::vector<double> y(bias.begin(), bias.end());
  for (std::size_t j = 0; j < y.size(); ++j)
    for (std::size_t i = 0; i < x.size(); ++i)
      y[j] += x[i] * weight[transposed ? j * x.size() + i : i * y.size() + j];
  return y;
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

std::vector<double> each(std::vector<double> x, double (*f)(double)) {
  for (double& v : x) v = f(v);
  return x;
}

std::vector<double> first_test_sample(const Pretrainer& p) {
  std::vector<float> x(p.dataset().features());
  const std::uint32_t first = 0;
  data::gather(p.dataset().test, x.size(), {&first, 1}, p.normalisation().inputs, x.data());
  return {x.begin(), x.end()};
}

std::span<const float> part(const Pretrainer& p, std::size_t layer, const char* label) {
  return numbers_of(p.trainer(layer).layout(), p.trainer(layer).parameters().data(), label);
}

/// The answer of the autoencoder to the first test sample, in the samples' own units.
std::vector<float> answer_of(const Pretrainer& p) {
  const model::Predictor predictor(p.autoencoder());
  std::vector<float> sample(predictor.inputs()), answer(predictor.outputs());
  std::copy_n(p.dataset().test.bytes.begin(), sample.size(), sample.begin());
  predictor.run(sample, answer);
  return answer;
}

TEST(DeepAutoencoder, TurnsEachLayerOfBoltzmannMachinesRound) {
  const data::Dataset data = glyphs();
  ThreadPool threads(2);
  Pretrainer p(asked("rbm 12 | rbm 5 gaussian", 1), data, threads);
  finish(p);
  EXPECT_EQ(graph::model_text(p.autoencoder().graph),
            "784 : dense 12 | sigmoid | dense 5 | identity | dense 12 | sigmoid | dense 784 | "
            "sigmoid");
  const auto h = each(
      layer_by_hand(first_test_sample(p), part(p, 0, "weight"), false, part(p, 0, "hidden_bias")),
      logistic);
  const auto code = layer_by_hand(h, part(p, 1, "weight"), false, part(p, 1, "hidden_bias"));
  const auto down =
      each(layer_by_hand(code, part(p, 1, "weight"), true, part(p, 1, "visible_bias")), logistic);
  const auto want =
      each(layer_by_hand(down, part(p, 0, "weight"), true, part(p, 0, "visible_bias")), logistic);
  const std::vector<float> got = answer_of(p);
  for (std::size_t i = 0; i < want.size(); ++i) ASSERT_NEAR(got[i], 255 * want[i], 0.01) << i;
}

TEST(DeepAutoencoder, ScalesBackWhatALayerReconstructedFromZeroToOne) {
  const data::Dataset data = glyphs();
  ThreadPool threads(2);
  Pretrainer p(asked("ae 12 relu | ae 7 relu output=scaled tied=no", 1), data, threads);
  finish(p);
  const auto relu = [](double x) { return std::max(0.0, x); };
  const double largest = p.trainer(1).below().high;
  EXPECT_GT(largest, 0);
  const auto h = each(
      layer_by_hand(first_test_sample(p), part(p, 0, "weight"), false, part(p, 0, "hidden_bias")),
      relu);
  const auto code =
      each(layer_by_hand(h, part(p, 1, "weight"), false, part(p, 1, "hidden_bias")), relu);
  auto down =
      each(layer_by_hand(code, part(p, 1, "decoder_weight"), false, part(p, 1, "visible_bias")),
           logistic);
  for (double& v : down) v *= largest;
  const auto want =
      each(layer_by_hand(down, part(p, 0, "weight"), true, part(p, 0, "visible_bias")), logistic);
  const std::vector<float> got = answer_of(p);
  for (std::size_t i = 0; i < want.size(); ++i) ASSERT_NEAR(got[i], 255 * want[i], 0.05) << i;
}

constexpr const char* both_way_stacks[] = {
    "dae 20 | ae 10 softplus",
    "dae 20 sigmoid corruption=gaussian contractive=0.1 sparsity=0.1 | rbm 6 gaussian",
    "rbm 20 bipolar | dae 8 tanh",
    "rbm 20 nrelu | dae 8 corruption=salt_and_pepper output=scaled tied=no",
};

TEST(DeepAutoencoder, GivesTheSameBitsForAnyNumberOfThreads) {
  const data::Dataset data = glyphs();
  for (const char* stack : both_way_stacks) {
    std::string first;
    for (const int n : {1, 3}) {
      ThreadPool threads(n);
      Pretrainer p(asked(stack, 1, 2), data, threads);
      finish(p);
      const std::string bytes = model::encode(p.state());
      if (first.empty()) first = bytes;
      EXPECT_TRUE(bytes == first) << stack << ", " << n << " threads";
    }
  }
}

TEST(DeepAutoencoder, GoesOnFromItsStateAsIfNothingHadHappened) {
  const data::Dataset data = glyphs();
  ThreadPool threads(2);
  constexpr double sixths_done[] = {0, 2, 4, 5, 6};  // two layers, and two epochs of both ways
  for (const char* stack : both_way_stacks) {
    Pretrainer whole(asked(stack, 1, 2), data, threads);
    finish(whole);
    ASSERT_EQ(whole.history().size(), 4u);
    for (std::size_t stop = 1; stop <= 4; ++stop) {
      Pretrainer first(asked(stack, 1, 2), data, threads);
      for (std::size_t i = 0; i < stop; ++i) first.train_epoch();
      Pretrainer second(asked(stack, 1, 2), data, threads);
      second.restore(model::decode(model::encode(first.state()), "state"), first.history());
      EXPECT_DOUBLE_EQ(second.share_done(), sixths_done[stop] / 6) << stop;
      finish(second);
      EXPECT_TRUE(model::encode(second.state()) == model::encode(whole.state()))
          << stack << " after " << stop << " epochs";
    }
  }
}

TEST(DeepAutoencoder, ReproducesSamplesBetterFromEpochToEpochAndItsEncoderIsItsFirstHalf) {
  const data::Dataset data = glyphs();
  ThreadPool threads(2);
  Options options = asked("rbm 40 | rbm 10 gaussian", 3, 20);
  options.unroll_lr = 0.01;
  Pretrainer p(options, data, threads);
  while (!p.unrolled()) p.train_epoch();
  const auto error = [&] {
    return reconstruct(p.autoencoder(), 10, data, p.partition().train, threads).mean_squared_error;
  };
  const double before = error();
  finish(p);
  EXPECT_LT(error(), 0.9 * before);
  EXPECT_EQ(p.history().back().layer, 0);
  EXPECT_LT(*p.history().back().loss, *p.history()[6].loss);
  const model::Model both = p.autoencoder(), encoder = p.encoder();
  EXPECT_EQ(graph::model_text(encoder.graph), "784 : dense 40 | sigmoid | dense 10 | identity");
  for (const char* label : {"dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias"}) {
    const auto half = numbers_of(encoder.layout, encoder.parameters.data(), label);
    const auto whole = numbers_of(both.layout, both.parameters.data(), label);
    EXPECT_TRUE(same_bits(half, whole)) << label;
  }
}

TEST(DenoisingAutoencoder, ReconstructsBetterFromEpochToEpoch) {
  const data::Dataset data = glyphs();
  ThreadPool threads(2);
  for (const char* stack :
       {"dae 60", "dae 60 sigmoid corruption=salt_and_pepper", "dae 60 tanh corruption=gaussian",
        "dae 60 softplus tied=no", "ae 60 sigmoid contractive=0.01", "ae 60 output=linear"}) {
    Pretrainer p(asked(stack, 10), data, threads);
    finish(p);
    const Record &first = p.history().front(), &last = p.history().back();
    EXPECT_LT(*last.loss, 0.9 * *first.loss) << stack;
    EXPECT_LT(*last.validation_loss, *first.validation_loss) << stack;
  }
}

TEST(DenoisingAutoencoder, PenaltiesDoWhatTheyAreFor) {
  const data::Dataset data = glyphs();
  ThreadPool threads(2);
  const auto trained = [&](const char* stack) {
    auto p = std::make_unique<Pretrainer>(asked(stack, 10), data, threads);
    finish(*p);
    return p;
  };
  const auto norm = [](const Pretrainer& p) {
    double sum = 0;
    for (const float w : part(p, 0, "weight")) sum += w * static_cast<double>(w);
    return sum;
  };
  const auto plain = trained("ae 40 sigmoid");
  const auto sparse = trained("ae 40 sigmoid sparsity=0.05 sparsity_cost=20");
  EXPECT_LT(std::abs(sparse->history().back().mean_activity - 0.05), 0.05);
  EXPECT_GT(plain->history().back().mean_activity, 0.2);
  EXPECT_LT(norm(*trained("ae 40 contractive=1")), 0.8 * norm(*trained("ae 40")));
}

/// Points of three numbers, the second twice the first, the third nearly 0: of deviation 0.1.
data::Dataset flat_points() {
  data::Dataset d;
  d.spec = "flat";
  d.sample_shape = Shape{3};
  d.target_width = 1;
  std::uint32_t stream = 0;
  for (data::Split* split : {&d.train, &d.test}) {
    const Random random(4, ++stream);
    split->count = 400;
    for (std::size_t i = 0; i < split->count; ++i) {
      const auto a = static_cast<float>(random.normal(2 * i));
      split->values.insert(split->values.end(),
                           {a, 2 * a, static_cast<float>(0.1 * random.normal(2 * i + 1))});
      split->targets.push_back(0);
    }
  }
  return d;
}

TEST(PrincipalComponents, LeaveWhatIsNotInTheirDirections) {
  const data::Dataset d = flat_points();
  ThreadPool threads(2);
  std::vector<std::uint32_t> all(400);
  std::iota(all.begin(), all.end(), 0u);
  const std::vector<data::Scaling> as_they_are(1);
  double third = 0, squares = 0, mean = 0;
  for (std::size_t i = 0; i < 400; ++i) mean += d.train.values[3 * i + 2] / 400;
  for (std::size_t i = 0; i < 400; ++i) {
    third += std::pow(d.test.values[3 * i + 2] - mean, 2);
    squares += std::pow(d.test.values[3 * i], 2);
  }
  const auto left = [&](int components) {
    return principal_error(d, all, as_they_are, components, threads);
  };
  EXPECT_NEAR(left(1), third / 1200, 0.02 * third / 1200);
  EXPECT_NEAR(left(2), 0, 1e-6);
  EXPECT_NEAR(left(3), 0, 1e-12);
  EXPECT_NEAR(left(0), (5 * squares + third) / 1200, 0.05 * squares / 1200);
}

TEST(PrincipalComponents, AreWhatALinearAutoencoderFinds) {
  const data::Dataset d = flat_points();
  ThreadPool threads(2);
  Options options = asked("ae 1 identity lr=0.02", 60);
  options.train.normalise = data::Normaliser::none;
  options.train.weight_decay = 0;
  Pretrainer p(options, d, threads);
  finish(p);
  const Reconstruction r = reconstruct(p.autoencoder(), 1, d, p.partition().train, threads);
  ASSERT_TRUE(r.principal_error);
  EXPECT_NEAR(r.mean_squared_error, *r.principal_error, 0.05 * *r.principal_error);
  EXPECT_EQ(r.a_sample(r.mean_squared_error), 3 * r.mean_squared_error);
}

TEST(Reconstruction, ShowsSamplesAboveWhatIsMadeOfThem) {
  const data::Dataset data = glyphs();
  ThreadPool threads(2);
  Pretrainer p(asked("ae 20", 1), data, threads);
  finish(p);
  const auto sheet = reconstruction_image(p.autoencoder(), data, 5, threads);
  ASSERT_TRUE(sheet);
  EXPECT_EQ(sheet->width, 5u * 30 + 2);
  EXPECT_EQ(sheet->height, 4u * 30 + 2);
  const std::vector<float> answer = answer_of(p);
  for (std::size_t y = 0; y < 28; ++y)
    for (std::size_t x = 0; x < 28; ++x) {
      ASSERT_EQ(sheet->bytes[(2 + y) * sheet->width + 2 + x], data.test.bytes[y * 28 + x]);
      ASSERT_EQ(sheet->bytes[(32 + y) * sheet->width + 2 + x],
                std::lround(std::clamp(answer[y * 28 + x], 0.0f, 255.0f)));
    }
  const data::Dataset d = flat_points();
  Pretrainer of_points(asked("ae 2 identity", 1), d, threads);
  EXPECT_FALSE(reconstruction_image(of_points.autoencoder(), d, 5, threads));
}

TEST(Autoencoders, RefuseWhatDoesNotFit) {
  ThreadPool threads(1);
  const data::Dataset table = moons();
  const std::pair<const char*, const char*> wrong[] = {
      {"ae 5 noise=0.1", "ae has no attribute 'noise'"},
      {"dae 5 relo", "did you mean 'relu'?"},
      {"dae 5 rrelu", "rrelu has a number that is learned or drawn"},
      {"dae 5 noise=1", "at most 0.99, not 1"},
      {"dae 5 corruption=blur", "corruption cannot be 'blur'"},
      {"ae 5 relu sparsity=0.1", "sparsity= wants units with values from 0 to 1"},
      {"ae 5 gelu contractive=0.1", "second derivative of gelu"},
      {"ae 5 output=sigmoid", "output=sigmoid reconstructs numbers from 0"},
      {"ae 5 output=scaled", "output=scaled is for layers over rectifiers"},
      {"ae 5 output=softplus", "output=softplus reconstructs numbers from 0 on, but below are"},
  };
  for (const auto& [stack, says] : wrong) {
    Options options = asked(stack, 1);
    options.train.normalise = data::Normaliser::standard;
    EXPECT_PRED2(contains, error_of([&] { Pretrainer(options, table, threads); }), says) << stack;
  }
  EXPECT_PRED2(contains, error_of([&] { check(asked("ae 5", 1, -1)); }),
               "unroll must be 0 or more");
  Options options = asked("ae 5", 1, 1);
  options.unroll_lr = 0;
  EXPECT_PRED2(contains, error_of([&] { check(options); }), "unroll-lr must be above 0");
}

TEST(Autoencoders, OptionsFromBeforeUnrollingAreRead) {
  std::string text = to_json(asked("rbm 5", 3));
  const std::size_t later = text.find(",\"unroll\"");
  ASSERT_NE(later, std::string::npos) << text;
  EXPECT_EQ(options_from_json(text.substr(0, later) + "}"), asked("rbm 5", 3));
}

TEST(PretrainingFolder, OfAnUnrolledStackHasBothWays) {
  const data::Dataset data = glyphs();
  ThreadPool threads(1);
  const TemporaryFolder place;
  Pretrainer p(asked("ae 7 | ae 3 identity", 1, 1), data, threads);
  const auto folder = train::RunFolder::create(place.path() / "out", false);
  for (int i = 0; i < 2; ++i) {
    save(folder, p);
    EXPECT_FALSE(std::filesystem::exists(folder.file("autoencoder.safetensors")));
    p.train_epoch();
  }
  save(folder, p);
  EXPECT_PRED2(contains, error_of([&] { start_from(folder.path()); }), "has not finished");
  p.train_epoch();
  save(folder, p);
  const model::Model both = model::load_model(folder.file("autoencoder.safetensors"));
  EXPECT_EQ(graph::model_text(both.graph),
            "784 : dense 7 | relu | dense 3 | identity | dense 7 | softplus | dense 784 | sigmoid");
  EXPECT_EQ(start_from(folder.path()).encoder, "784 : dense 7 | relu | dense 3 | identity");
}

}  // namespace
}  // namespace rectify::pretrain
