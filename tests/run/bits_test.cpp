// The same bits for any number of threads, and for any choice of what is kept.

#include <gtest/gtest.h>

#include <cstring>

#include "tests/run/network.h"

namespace rectify::run {
namespace {

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Widths that make several tiles of every product, of the element-wise work and of the losses.
Network wide(std::int64_t batch, const LossCase& loss) {
  const std::string text =
      "301 : dense 777 | relu | dropout 0.4 | dense 521 | alpha_dropout 0.2 | silu | dense " +
      std::to_string(loss.outputs);
  return network(text, loss, batch, 5, Draw::normal, 0.1);
}

/// The same with layers that have learned or drawn numbers, or that change the width.
Network varied(std::int64_t batch, const LossCase& loss) {
  const std::string text =
      "301 : dense 777 | prelu | silu learn=yes | rrelu | elu learn=yes | dense 1042 | geglu | "
      "log_softmax | dense 522 | "
      "noisy_relu | maxout 3 | prelu | softmax | dense " +
      std::to_string(loss.outputs);
  return network(text, loss, batch, 5, Draw::normal, 0.1);
}

/// The same with values that have several users, and that meet again.
Network branched(std::int64_t batch, const LossCase& loss) {
  const std::string text =
      "301 : dense 777 | residual(relu | dropout 0.4 | dense 777) | dense_block(dense 130 | tanh) "
      "| residual(dense 521 | prelu ; dense 521) | gated(dense 40 | relu | dense 521 | sigmoid) | "
      "dense " +
      std::to_string(loss.outputs);
  return network(text, loss, batch, 5, Draw::normal, 0.1);
}

/// Norms in rows of few and of many channels, as hosts of activations too.
Network normalised(std::int64_t batch, const LossCase& loss) {
  const std::string text =
      "301 : layer_norm | dense 777 | batch_norm | relu | dense 521 bias=no | rms_norm | silu | "
      "dense 3 | batch_norm | layer_norm | tanh | dense 300 | batch_norm affine=no | dense " +
      std::to_string(loss.outputs);
  return network(text, loss, batch, 5, Draw::normal, 0.1);
}

/// Samples of several rows, which attend to each other.
Network of_rows(std::int64_t batch, const LossCase& loss) {
  const std::string text =
      "16x33 : positions | dense 301 | relu | layer_norm | dense 72 | attention 3 causal=yes | "
      "transpose | dense 9 | transpose | dense 70 | recurrent elu | "
      "dense 77 | silu | dense " +
      std::to_string(loss.outputs);
  return network(text, loss, batch, 5, Draw::normal, 0.1);
}

/// A loss and its penalty on a layer of several tiles. What stands before that layer computes the
/// same for every loss: a few of them are enough for the networks above.
Network short_one(std::int64_t batch, const LossCase& loss) {
  const std::string text =
      "16 : dense 521 | dropout 0.4 | silu | dense " + std::to_string(loss.outputs);
  return network(text, loss, batch, 5, Draw::normal, 0.1);
}

const LossCase one_of_classes{"hinge", Target::classes, 5};
const LossCase one_of_numbers{"mean_squared_error", Target::numbers, 5};

void expect_same_bits_for_any_threads(const Network& n, const std::string& what) {
  ThreadPool one(1);
  const Values all = run_on_cpu(n, one, true), trained = run_on_cpu(n, one, false);
  for (const int count : {2, 3, 5}) {
    ThreadPool threads(count);
    for (const auto& [id, value] : run_on_cpu(n, threads, true))
      EXPECT_TRUE(same_bits(value, all.at(id))) << what << ": " << graph::where(n.graph.node(id))
                                                << ", " << count << " threads, batch " << n.batch;
    for (const auto& [id, value] : run_on_cpu(n, threads, false))
      EXPECT_TRUE(same_bits(value, trained.at(id)))
          << what << ", as trained: " << graph::where(n.graph.node(id)) << ", " << count
          << " threads, batch " << n.batch;
  }
}

TEST(Bits, AreTheSameForAnyNumberOfThreads) {
  for (const std::int64_t batch : {3, 130}) {
    for (const LossCase& loss : loss_cases())
      expect_same_bits_for_any_threads(short_one(batch, loss), loss.text());
    expect_same_bits_for_any_threads(wide(batch, softmax), "wide");
    expect_same_bits_for_any_threads(varied(batch, one_of_classes), "varied");
    expect_same_bits_for_any_threads(branched(batch, one_of_classes), "branched");
    expect_same_bits_for_any_threads(normalised(batch, one_of_classes), "norms");
    expect_same_bits_for_any_threads(of_rows(batch, one_of_classes), "rows");
  }
}

TEST(Bits, AreTheSameForLargeBatches) {
  ThreadPool one(1), three(3);
  for (const Network& n : {wide(700, softmax), varied(700, softmax), branched(700, softmax),
                           normalised(700, softmax)}) {
    const Values want = run_on_cpu(n, one, false);
    for (const auto& [id, value] : run_on_cpu(n, three, false))
      EXPECT_TRUE(same_bits(value, want.at(id))) << graph::where(n.graph.node(id));
  }
}

void expect_same_bits_whatever_is_kept(const Network& n, ThreadPool& threads) {
  const Values all = run_on_cpu(n, threads, true);
  const Values trained = run_on_cpu(n, threads, false);
  EXPECT_EQ(trained.size(), 1 + n.losses.size() + n.gradients.size());
  for (const auto& [id, value] : trained)
    EXPECT_TRUE(same_bits(value, all.at(id))) << graph::where(n.graph.node(id));
}

TEST(Bits, DoNotDependOnWhatIsKept) {
  ThreadPool threads(2);
  for (const std::int64_t batch : {1, 37}) {
    for (const LossCase& loss : loss_cases())
      expect_same_bits_whatever_is_kept(short_one(batch, loss), threads);
    for (const LossCase& loss : {softmax, one_of_classes, one_of_numbers})
      for (const Network& n : {wide(batch, loss), varied(batch, loss), branched(batch, loss)})
        expect_same_bits_whatever_is_kept(n, threads);
  }
}

TEST(Bits, AreTheSameWhenAPlanRunsAgain) {
  ThreadPool threads(2);
  for (const Network& n : {wide(37, softmax), varied(37, softmax), branched(37, softmax)}) {
    const ParameterLayout layout = n.layout();
    Buffer parameters = parameters_of(n, layout), gradients(layout.floats());
    PlanOptions options{.batch = n.batch, .training = true};
    options.keep.insert(n.losses.begin(), n.losses.end());
    for (const auto& [parameter, gradient] : n.gradients)
      options.bound[gradient] = gradients.data() + layout.slot_of(parameter).offset;
    Plan plan(n.graph, layout, parameters.data(), threads, options);
    fill(plan, n);
    const auto run = [&](std::uint32_t step) {
      plan.run({.seed = 1, .step = step});
      std::vector<float> results(gradients.span().begin(), gradients.span().end());
      for (const NodeId loss : n.losses) results.push_back(plan.value(loss)[0]);
      return results;
    };
    const std::vector<float> first = run(1);
    EXPECT_FALSE(same_bits(first, run(2))) << "another step draws another dropout mask";
    EXPECT_TRUE(same_bits(first, run(1))) << "something is left over from the run before";
  }
}

}  // namespace
}  // namespace rectify::run
