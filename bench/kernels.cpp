// Google Benchmark cases for the kernels, each by itself on one thread and on all: products at the
// shapes of bench/workloads.py, activations, losses and the optimisers' sweeps. Rates are floating
// point operations and bytes a second.
//
//   build/bench/bench_kernels --benchmark_filter=product

#include "rectify/activation/kernels.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "rectify/model/model.h"
#include "rectify/run/cpu/product/product.h"
#include "rectify/run/plan.h"
#include "rectify/tensor/buffer.h"
#include "rectify/train/optimise/optimiser.h"

namespace rectify::bench {
namespace {

/// Numbers in [-1, 1] without an order.
Buffer numbers(std::size_t size) {
  Buffer buffer(size);
  for (std::size_t i = 0; i < size; ++i)
    buffer.data()[i] =
        static_cast<float>((static_cast<std::uint32_t>(i) * 2654435761u) >> 8) * 0x1p-23f - 1;
  return buffer;
}

void rates(benchmark::State& state, double flops, double bytes) {
  using Counter = benchmark::Counter;
  state.counters["FLOP/s"] = Counter(flops, Counter::kIsIterationInvariantRate);
  state.counters["B/s"] = Counter(bytes, Counter::kIsIterationInvariantRate, Counter::kIs1024);
}

enum class Pass { forward, input_gradient, weight_gradient };

/// A layer's product for a batch.
void product(benchmark::State& state, Pass pass, std::int64_t in, std::int64_t out) {
  const std::int64_t batch = state.range(0);
  ThreadPool threads(static_cast<int>(state.range(1)));
  Buffer x = numbers(static_cast<std::size_t>(batch * in));
  Buffer w = numbers(static_cast<std::size_t>(in * out));
  Buffer y = numbers(static_cast<std::size_t>(batch * out));
  using run::matrix, run::Matrix, run::cpu::Product, run::cpu::Cut;
  const Matrix xm = matrix(x.data(), batch, in), wm = matrix(w.data(), in, out),
               ym = matrix(y.data(), batch, out);
  const Product made = pass == Pass::forward ? Product(xm, wm, ym, threads)
                       : pass == Pass::input_gradient
                           ? Product(ym, wm.transposed(), xm, threads)
                           : Product(xm.transposed(), ym, wm, threads, Cut::rows);
  for (auto _ : state) made.run();
  const auto b = static_cast<double>(batch), i = static_cast<double>(in),
             o = static_cast<double>(out);
  rates(state, 2 * b * i * o, 4 * (b * i + i * o + b * o));
}

/// A row of the family over an array; a range of 4096 is in the first cache, one of 2^24 in none.
void activation(benchmark::State& state, const activation::Row& row, bool backward) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const Buffer x = numbers(n), dy = numbers(n);
  Buffer y(n);
  const activation::Kernels& kernels = activation::kernels(row);
  const activation::Parameters p = row.defaults();
  for (auto _ : state) {
    if (backward)
      kernels.backward(x.data(), dy.data(), y.data(), n, p);
    else
      kernels.forward(x.data(), y.data(), n, p);
    benchmark::ClobberMemory();
  }
  rates(state, static_cast<double>(n), static_cast<double>(n) * (backward ? 12 : 8));
}

/// One step of an optimiser over the parameters of 784-1000-1000-1000-10.
void sweep(benchmark::State& state, const std::string& name) {
  ThreadPool threads(static_cast<int>(state.range(0)));
  const model::Model model(
      "784 : dense 1000 | relu | dense 1000 | relu | dense 1000 | relu | dense 10");
  train::Options options;
  options.optimizer = name;
  train::Optimiser optimiser(options, model.layout, threads);
  Buffer parameters = numbers(model.layout.floats()), gradients = numbers(model.layout.floats());
  for (auto _ : state) optimiser.step(parameters.data(), gradients.data(), 1e-9, 1);
  const auto n = static_cast<double>(model.layout.floats());
  rates(state, 2 * n, 4 * n * (3 + 2 * static_cast<double>(optimiser.state().size())));
}

/// An operator of a graph as a plan of one step: 128 rows of `width`.
void rows(benchmark::State& state, const std::string& item) {
  ThreadPool threads(static_cast<int>(state.range(1)));
  const std::int64_t width = state.range(0), batch = 128;
  model::Model model(std::to_string(width) + " : " + item);
  run::Plan plan(model.graph, model.layout, model.parameters.data(), threads,
                 {.batch = batch, .keep = {model.graph.result}});
  const graph::NodeId input = model.graph.all("input").front();
  const Buffer x = numbers(static_cast<std::size_t>(batch * width));
  std::copy_n(x.data(), batch * width, plan.input(input));
  for (auto _ : state) plan.run({});
  const auto n = static_cast<double>(batch * width);
  rates(state, n, 8 * n);
}

void declare_products() {
  struct Case {
    const char* name;
    Pass pass;
  };
  for (const Case& c :
       {Case{"forward", Pass::forward}, Case{"input_gradient", Pass::input_gradient},
        Case{"weight_gradient", Pass::weight_gradient}})
    for (const auto& [in, out] :
         {std::pair<int, int>{784, 1000}, {1000, 1000}, {1000, 10}, {64, 64}}) {
      auto* made = benchmark::RegisterBenchmark(
          ("product/" + std::string(c.name) + "/" + std::to_string(in) + "x" + std::to_string(out))
              .c_str(),
          [c, in = in, out = out](benchmark::State& state) { product(state, c.pass, in, out); });
      made->ArgNames({"batch", "threads"})->UseRealTime();
      for (const int batch : {1, 8, 32, 128, 512})
        for (const int threads : {1, available_processors()}) made->Args({batch, threads});
    }
}

void declare_activations() {
  for (const activation::Row& row : activation::family())
    for (const bool backward : {false, true})
      benchmark::RegisterBenchmark(
          ("activation/" + std::string(row.name) + (backward ? "/backward" : "/forward")).c_str(),
          [&row, backward](benchmark::State& state) { activation(state, row, backward); })
          ->ArgName("n")
          ->Arg(4096)
          ->Arg(1 << 24);
}

void declare_rest() {
  for (const std::string& name : train::optimiser_names())
    benchmark::RegisterBenchmark(("sweep/" + name).c_str(),
                                 [name](benchmark::State& state) { sweep(state, name); })
        ->ArgName("threads")
        ->Arg(1)
        ->Arg(available_processors())
        ->UseRealTime();
  for (const char* item : {"softmax", "log_softmax"})
    benchmark::RegisterBenchmark((std::string("rows/") + item).c_str(),
                                 [item](benchmark::State& state) { rows(state, item); })
        ->ArgNames({"width", "threads"})
        ->ArgsProduct({{10, 1000}, {1, available_processors()}})
        ->UseRealTime();
}

}  // namespace
}  // namespace rectify::bench

int main(int count, char** words) {
  rectify::bench::declare_products();
  rectify::bench::declare_activations();
  rectify::bench::declare_rest();
  benchmark::Initialize(&count, words);
  if (benchmark::ReportUnrecognizedArguments(count, words)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
