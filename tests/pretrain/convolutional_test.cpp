// Convolutional machines against sums over all of their states in double precision.
#include "rectify/pretrain/convolutional.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "rectify/pretrain/kind.h"
#include "rectify/run/plan.h"
#include "tests/helpers.h"

namespace rectify::pretrain {
namespace {

// Pictures of 3 x 3 pixels, two units with kernels of 2 x 2, whose 2 x 2 places are one block each:
// 5 states of each unit's block.
constexpr std::size_t pixels = 9, units = 2, taps = 4, places = 4;

struct Numbers {
  std::vector<double> w = {}, b = {0.2}, c = {-0.6, 0.3};
  Numbers() {
    for (std::size_t i = 0; i < taps * units; ++i) w.push_back(0.7 * Random(4).normal(i));
  }
};

ConvolutionalMachine machine_of(const Numbers& n, const char* visible) {
  const auto floats = [](const std::vector<double>& of) {
    return std::vector<float>(of.begin(), of.end());
  };
  return {.visible = &activation::unit(visible),
          .hidden = &activation::unit("binary"),
          .picture = Shape{3, 3, 1},
          .kernel = 2,
          .pool = 2,
          .weight = floats(n.w),
          .visible_bias = floats(n.b),
          .hidden_bias = floats(n.c)};
}

/// Pixel that unit `place` sees with its tap.
std::size_t pixel_of(std::size_t place, std::size_t tap) {
  return (place / 2 + tap / 2) * 3 + place % 2 + tap % 2;
}

/// Calls visit(exponent of hidden biases, what the hidden units say to each pixel, state of each
/// block: 0 for none) for all 25 hidden states.
template <class Visit>
void each_hidden_state(const Numbers& n, Visit&& visit) {
  for (std::size_t state = 0; state < 25; ++state) {
    double exponent = 0, down[pixels] = {};
    const std::size_t of[units] = {state % 5, state / 5};
    for (std::size_t k = 0; k < units; ++k) {
      if (of[k] == 0) continue;
      exponent += n.c[k];
      for (std::size_t t = 0; t < taps; ++t) down[pixel_of(of[k] - 1, t)] += n.w[t * units + k];
    }
    visit(exponent, down, of);
  }
}

double minus_free_energy(const Numbers& n, bool gaussian, const float* v) {
  double sum = 0;
  each_hidden_state(n, [&](double exponent, const double* down, const std::size_t*) {
    for (std::size_t i = 0; i < pixels; ++i) {
      const double off = v[i] - n.b[0];
      exponent += v[i] * down[i] + (gaussian ? -off * off / 2 : n.b[0] * v[i]);
    }
    sum += std::exp(exponent);
  });
  return std::log(sum);
}

double log_z(const Numbers& n, bool gaussian) {
  double sum = 0;
  each_hidden_state(n, [&](double exponent, const double* down, const std::size_t*) {
    for (std::size_t i = 0; i < pixels; ++i)
      exponent +=
          gaussian ? std::log(2 * std::numbers::pi) / 2 + n.b[0] * down[i] + down[i] * down[i] / 2
                   : std::log1p(std::exp(n.b[0] + down[i]));
    sum += std::exp(exponent);
  });
  return std::log(sum);
}

const std::vector<float> pictures = {1, 0, 0, 1, 1, 0, 0, 1, 1,  //
                                     0, 1, 1, 0, 0, 1, 1, 0, 1,  //
                                     1, 1, 0, 1, 1, 1, 0, 0, 0};

double likelihood(const Numbers& n, bool gaussian) {
  double sum = 0;
  for (std::size_t p = 0; p < 3; ++p) sum += minus_free_energy(n, gaussian, &pictures[p * pixels]);
  return sum / 3 - log_z(n, gaussian);
}

TEST(ConvolutionalMachine, FreeEnergyIsThatOfAllHiddenStates) {
  const Numbers numbers;
  ThreadPool threads(2);
  for (const bool gaussian : {false, true}) {
    const std::vector<double> got =
        free_energies(machine_of(numbers, gaussian ? "gaussian" : "binary"), pictures, threads);
    ASSERT_EQ(got.size(), 3u);
    for (std::size_t p = 0; p < 3; ++p)
      EXPECT_NEAR(got[p], -minus_free_energy(numbers, gaussian, &pictures[p * pixels]), 1e-5);
  }
  EXPECT_THROW(free_energies(machine_of(numbers, "nrelu"), pictures, threads), Error);
}

// With binary visible units F is also ln of the sum over all pictures.
TEST(ConvolutionalMachine, PartitionFunctionIsTheSumOverPictures) {
  const Numbers numbers;
  ThreadPool threads(2);
  std::vector<float> all;
  for (unsigned state = 0; state < 512; ++state)
    for (unsigned i = 0; i < pixels; ++i) all.push_back(static_cast<float>(state >> i & 1));
  double sum = 0;
  for (const double energy : free_energies(machine_of(numbers, "binary"), all, threads))
    sum += std::exp(-energy);
  EXPECT_NEAR(std::log(sum), log_z(numbers, false), 1e-5);
}

/// The learner's graph for many samples, with these numbers.
class Learning {
 public:
  Learning(const std::string& stack, const Numbers& n, const char* visible, std::size_t batch,
           std::initializer_list<const char*> kept, ThreadPool& threads)
      : layers_(parse_stack(stack)),
        learner_(layers_[0].kind->learner(
            layers_[0], {.inputs = pixels, .shape = Shape{3, 3, 1}, .unit = visible})),
        layout_(graph().graph),
        parameters_(layout_.floats()) {
    const auto put = [&](const char* label, const std::vector<double>& of) {
      std::ranges::transform(of, numbers_of(layout_, parameters_.data(), label).begin(),
                             [](double x) { return static_cast<float>(x); });
    };
    put("weight", n.w), put("visible_bias", n.b), put("hidden_bias", n.c);
    run::PlanOptions options{.batch = static_cast<std::int64_t>(batch), .training = true};
    for (const char* label : kept) options.keep.insert(graph().graph.find(label));
    for (const auto& [parameter, direction] : graph().directions) options.keep.insert(direction);
    plan_.emplace(graph().graph, layout_, parameters_.data(), threads, options);
    float* const input = plan_->input(graph().graph.find("input"));
    for (std::size_t i = 0; i < batch * pixels; ++i) input[i] = pictures[i % pictures.size()];
    if (const graph::NodeId chain = graph().graph.find("chain"); chain >= 0)
      std::fill_n(plan_->input(chain), batch * places * units, 0.0f);
    plan_->run({.seed = 5, .step = 0});
  }
  const train::Objective& graph() const { return learner_.objective; }
  std::span<const float> value(const char* label) {
    return plan_->value(graph().graph.find(label));
  }
  std::span<const float> direction(const char* label) {
    return plan_->value(graph().directions.at(graph().graph.find(label)));
  }

 private:
  const std::vector<LayerSpec> layers_;
  const Learner learner_;
  const run::ParameterLayout layout_;
  Buffer parameters_;
  std::optional<run::Plan> plan_;
};

TEST(ConvolutionalMachine, HiddenUnitsHaveTheMeansOfAllStates) {
  const Numbers numbers;
  ThreadPool threads(2);
  Learning learning("crbm 2 kernel=2 pool=2", numbers, "binary", 3, {"block_mean1"}, threads);
  const std::span<const float> got = learning.value("block_mean1");
  for (std::size_t p = 0; p < 3; ++p) {
    double on[places * units] = {}, all = 0;
    each_hidden_state(numbers, [&](double exponent, const double* down, const std::size_t* of) {
      for (std::size_t i = 0; i < pixels; ++i) exponent += pictures[p * pixels + i] * down[i];
      all += std::exp(exponent);
      for (std::size_t k = 0; k < units; ++k)
        if (of[k] > 0) on[(of[k] - 1) * units + k] += std::exp(exponent);
    });
    for (std::size_t i = 0; i < places * units; ++i)
      EXPECT_NEAR(got[p * places * units + i], on[i] / all, 1e-5) << p << ' ' << i;
  }
}

TEST(ConvolutionalMachine, ManyStepsOfSamplingGiveTheExactGradient) {
  ThreadPool threads(2);
  constexpr std::size_t chains = 8000;
  for (const char* stack : {"crbm 2 kernel=2 pool=2 states=sample k=25",
                            "crbm 2 kernel=2 pool=2 states=sample k=25 method=pcd"})
    for (const bool gaussian : {false, true}) {
      Numbers at;
      if (gaussian)
        for (double& w : at.w) w *= 0.5;
      Learning learning(stack, at, gaussian ? "gaussian" : "binary", chains, {}, threads);
      const auto expect_slopes = [&](const char* label, std::vector<double>& numbers,
                                     std::size_t shares) {
        const std::span<const float> direction = learning.direction(label);
        ASSERT_EQ(direction.size(), numbers.size());
        for (std::size_t i = 0; i < numbers.size(); ++i) {
          constexpr double step = 1e-4;
          const double middle = numbers[i];
          numbers[i] = middle + step;
          const double up = likelihood(at, gaussian);
          numbers[i] = middle - step;
          const double down = likelihood(at, gaussian);
          numbers[i] = middle;
          // Directions are shares of the gradient, which goes uphill.
          EXPECT_NEAR(-direction[i] * double(shares), (up - down) / (2 * step), 0.05)
              << stack << ", " << label << ' ' << i << ", gaussian " << gaussian;
        }
      };
      expect_slopes("weight", at.w, places);
      expect_slopes("visible_bias", at.b, pixels);
      expect_slopes("hidden_bias", at.c, places);
    }
}

TEST(ConvolutionalMachine, SaysWhatDoesNotFit) {
  const auto said = [](const std::string& stack, const Shape& shape, const char* unit = "binary") {
    return error_of([&] {
      const auto layers = parse_stack(stack);
      layers[0].kind->learner(layers[0], {.inputs = shape.size(), .shape = shape, .unit = unit});
    });
  };
  EXPECT_PRED2(contains, said("crbm 4 kernel=10 pool=2", Shape{28, 28, 1}),
               "kernel=10 has 19x19 places in pictures of 28x28x1, which pool=2 does not divide");
  EXPECT_PRED2(contains, said("crbm 4 kernel=9", Shape{8, 28, 1}), "does not fit in pictures");
  EXPECT_PRED2(contains, said("crbm 4", Shape{784}), "wants pictures");
  EXPECT_PRED2(contains, said("crbm 4 nrelu", Shape{28, 28, 1}), "give pool=1 or hidden=binary");
  EXPECT_PRED2(contains, said("crbm 4 visible=binary", Shape{28, 28, 1}, "gaussian"),
               "visible=gaussian");
  EXPECT_PRED2(contains, said("crbm 4", Shape{28, 28, 1}, "softmax"), "over softmax units");
}

}  // namespace
}  // namespace rectify::pretrain
