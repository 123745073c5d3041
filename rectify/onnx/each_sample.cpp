#include "rectify/onnx/each_sample.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/random.h"
#include "rectify/base/thread_pool.h"
#include "rectify/run/plan.h"

namespace rectify::onnx {

namespace {

/// Numbers of several samples from ONNX's order to ours, or back.
std::vector<float> turned(const std::vector<float>& from, const View& view, bool back) {
  const std::vector<std::int64_t> order = order_of(view);
  std::vector<float> to(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t here =
        i / order.size() * order.size() + static_cast<std::size_t>(order[i % order.size()]);
    to[back ? i : here] = from[back ? here : i];
  }
  return to;
}

/// The answers to numbers in ONNX's order, in that order.
std::vector<float> answers(const Network& network, const std::vector<float>& numbers,
                           std::int64_t batch) {
  const run::ParameterLayout layout(network.graph);
  Buffer parameters(layout.floats());
  for (const run::ParameterSlot& slot : layout.slots())
    std::ranges::copy(network.numbers.at(slot.node), parameters.data() + slot.offset);
  ThreadPool threads(1);
  run::Plan plan(network.graph, layout, parameters.data(), threads,
                 {.batch = batch, .keep = {network.graph.result}});
  std::ranges::copy(turned(numbers, network.inputs[0], false), plan.input(network.inputs[0].node));
  plan.run({});
  const std::span<const float> value = plan.value(network.graph.result);
  return turned({value.begin(), value.end()}, network.answer, true);
}

}  // namespace

bool same_for_each(const Network& one, const Network& all, std::int64_t samples) {
  if (one.inputs[0].size() * samples != all.inputs[0].size() ||
      one.answer.size() * samples != all.answer.size())
    return false;
  std::vector<float> numbers(static_cast<std::size_t>(all.inputs[0].size()));
  const Random random(1, 0, 0);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<float>(random.normal(i));
  const std::vector<float> a = answers(one, numbers, samples), b = answers(all, numbers, 1);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool both = !std::isfinite(a[i]) && !std::isfinite(b[i]);
    if (!both && !(std::abs(a[i] - b[i]) <= 1e-4f * (1 + std::abs(b[i])))) return false;
  }
  return true;
}

}  // namespace rectify::onnx
