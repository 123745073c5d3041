// Plans say beforehand how much scratch memory their steps will take.

#include "rectify/run/cpu/scratch.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/run/network.h"

namespace rectify::run {
namespace {

TEST(Scratch, IsWhatThePlanSaidBefore) {
  // oneDNN's products of floats want memory of ours for AVX-512 alone. The other networks have
  // steps of our own that want some on every processor.
  const struct {
    std::string text;
    bool wants_some;
  } cases[] = {{"300 : dense 700 | relu | dense 5", false},
               {"12x12x3 : conv 40 3x3 | relu | conv 24 5x5 stride=2 | "
                "max_pool 2 | conv 24 3x3 groups=24 | flatten | dense 5",
                true},
               {"9x24 : attention 2 | dense 5", true},
               {"9x24 : recurrent gelu | dense 5", true}};
  for (const auto& c : cases) {
    const std::string& text = c.text;
    const Network n = network(text, softmax, 40, 1, Draw::normal);
    const ParameterLayout layout = n.layout();
    Buffer parameters = parameters_of(n, layout);
    // A thread of its own has no scratch memory from elsewhere.
    std::thread([&] {
      ThreadPool one(1);
      PlanOptions options{.batch = n.batch, .training = true, .sparse = false};
      options.keep.insert(n.losses.begin(), n.losses.end());
      for (const auto& [parameter, gradient] : n.gradients) options.keep.insert(gradient);
      Plan plan(n.graph, layout, parameters.data(), one, options);
      fill(plan, n);
      EXPECT_EQ(cpu::scratch_bytes_of_thread(), 0u) << text;
      plan.run({.seed = 7, .step = 3});
      EXPECT_EQ(cpu::scratch_bytes_of_thread(), plan.scratch_bytes()) << text;
      if (c.wants_some) {
        EXPECT_GT(plan.scratch_bytes(), 0u) << text;
      }
    }).join();
  }
}

}  // namespace
}  // namespace rectify::run
