// Products that leave zeros out beside dense ones, in turns: medians of their times.
//
//   build/bench/bench_sparse [BATCH]...
//
// Layers of 1000 x 1000 on one thread, of floats and of bfloat16, then a few samples through layers
// of two sizes, then through one whose weights are kept as fewer bits.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/enumeration.h"
#include "rectify/base/instruction_set.h"
#include "rectify/base/random.h"
#include "rectify/graph/text.h"
#include "rectify/run/cpu/product/product.h"
#include "rectify/run/cpu/sparse/entries.h"
#include "rectify/run/cpu/sparse/sparse_product.h"
#include "rectify/run/plan.h"
#include "rectify/tensor/buffer.h"

namespace rectify::bench {
namespace {

using run::Matrix, run::matrix;
using run::cpu::Cut, run::cpu::Product, run::cpu::ResultTile, run::cpu::SparseProduct,
    run::cpu::rows_a_group;

double median(std::vector<double> numbers) {
  std::ranges::sort(numbers);
  return numbers[numbers.size() / 2];
}

template <class Work>
double seconds(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Normal numbers, of which so many are not zero.
Buffer numbers(std::int64_t count, double density) {
  Buffer buffer(static_cast<std::size_t>(count));
  const Random random(1, 0), kept(2, 0);
  for (std::size_t i = 0; i < buffer.size(); ++i)
    if (kept.uniform(i) < density) buffer.data()[i] = static_cast<float>(random.normal(i));
  return buffer;
}

enum class Pass { forward, input_gradient, weight_gradient };
constexpr Pass passes[] = {Pass::forward, Pass::input_gradient, Pass::weight_gradient};
constexpr const char* name_of(Pass pass) {
  return pass == Pass::forward          ? "forward"
         : pass == Pass::input_gradient ? "input gradient"
                                        : "weight gradient";
}

struct Layer {
  std::int64_t batch, in, out;
};

/// A matrix with memory of its own, of which so many numbers are not zero.
struct Factor {
  Buffer floats;
  std::vector<bfloat16> rounded;
  Matrix whole;

  Factor(std::int64_t rows, std::int64_t columns, double density, Element element)
      : floats(numbers(rows * columns, density)),
        rounded(floats.size()),
        whole(matrix(floats.data(), rows, columns)) {
    if (element != Element::bfloat16) return;
    std::ranges::transform(floats.span(), rounded.begin(), to_bfloat16);
    whole.data = reinterpret_cast<std::byte*>(rounded.data());
    whole.element = element;
  }
};

/// A layer's product for a batch, both ways; x, or dy for the input gradient, is sparse. Factors
/// are of floats or bfloat16, what comes out is of floats.
class Case {
 public:
  Case(Pass pass, Layer l, double density, ThreadPool& threads, Element element)
      : x_(l.batch, l.in, pass == Pass::input_gradient ? 1 : density, element),
        w_(l.in, l.out, 1, element),
        y_(l.batch, l.out, pass == Pass::input_gradient ? density : 1, element),
        threads_(threads) {
    const Matrix &x = x_.whole, &w = w_.whole, &y = y_.whole;
    const auto result = [](Factor& f) {
      return matrix(f.floats.data(), f.whole.rows, f.whole.columns);
    };
    if (pass == Pass::forward) make(x, w, result(y_));
    if (pass == Pass::input_gradient) make(y, w.transposed(), result(x_));
    if (pass == Pass::weight_gradient)  // passes, as in a step, where the update takes it
      make(x.transposed(), y, matrix(nullptr, l.in, l.out), Cut::rows);
  }
  double dense() {
    return seconds([&] { dense_[0].run(take); });
  }
  /// With rows listed alone, or in pairs.
  double sparse(std::int64_t rows_a_group) {
    const SparseProduct& product = rows_a_group == 1 ? single_[0] : pairs_[0];
    return seconds([&] { product.run(product.group(0), take); });
  }
  bool pays() {
    const SparseProduct& product = rows_a_group() == 1 ? single_[0] : pairs_[0];
    return product.pays(product.group(0).count);
  }

 private:
  static void take(const void*, const ResultTile&) {}
  void make(const Matrix& a, const Matrix& b, const Matrix& c, Cut cut = Cut::columns) {
    dense_.emplace_back(a, b, c, threads_, cut);
    single_.emplace_back(a, b, c, threads_, 1);
    pairs_.emplace_back(a, b, c, threads_, 2);
  }

  Factor x_, w_, y_;
  ThreadPool& threads_;
  std::vector<Product> dense_;
  std::vector<SparseProduct> single_, pairs_;
};

struct Times {
  double dense, single, pairs;
  double ratio;  ///< of dense to sparse, as this processor groups rows
};

Times times_of(Case& product, int rounds) {
  std::vector<double> dense, single, pairs, ratio;
  for (int i = -2; i < rounds; ++i) {
    const double d = product.dense(), s = product.sparse(1), p = product.sparse(2);
    if (i < 0) continue;
    dense.push_back(d), single.push_back(s), pairs.push_back(p);
    ratio.push_back(d / (rows_a_group() == 1 ? s : p));
  }
  return {median(dense), median(single), median(pairs), median(ratio)};
}

void compare(const std::vector<std::int64_t>& batches, Element element) {
  ThreadPool threads(1);
  std::printf(
      "%s, %s, one thread, layers of 1000 x 1000, medians of 21 turns; here rows are listed %s\n\n",
      std::string(instruction_set()).c_str(), std::string(run::name_of(element)).c_str(),
      rows_a_group() == 1 ? "alone" : "in pairs");
  std::printf("%-16s %6s %8s %9s %9s %9s %6s  %s\n", "product", "batch", "nonzeros", "dense us",
              "alone us", "pairs us", "times", "chosen");
  for (const std::int64_t batch : batches)
    for (const Pass pass : passes)
      for (const double density : {0.5, 0.35, 0.25, 0.15, 0.1, 0.05}) {
        Case product(pass, {batch, 1000, 1000}, density, threads, element);
        const Times t = times_of(product, 21);
        std::printf("%-16s %6ld %7.0f%% %9.0f %9.0f %9.0f %6.2f  %s\n", name_of(pass), batch,
                    100 * density, 1e6 * t.dense, 1e6 * t.single, 1e6 * t.pairs, t.ratio,
                    product.pays() ? "sparse" : "dense");
      }
}

/// A few samples through a layer of n x n by each precision of its weights, beside a product of
/// oneDNN of floats.
void compare_precisions(std::int64_t samples, std::int64_t n, ThreadPool& threads) {
  const graph::Graph graph =
      graph::parse_model(std::to_string(n) + " : dense " + std::to_string(n) + " bias=no");
  const run::ParameterLayout layout(graph);
  Buffer parameters = numbers(static_cast<std::int64_t>(layout.floats()), 1);
  Buffer x(static_cast<std::size_t>(samples * n)), y(static_cast<std::size_t>(samples * n));
  std::vector<std::unique_ptr<run::Plan>> plans;
  for (const auto precision : all_values<run::WeightPrecision>())
    plans.push_back(std::make_unique<run::Plan>(
        graph, layout, parameters.data(), threads,
        run::PlanOptions{.batch = samples, .keep = {graph.result}, .weights = precision}));
  const Product dense(matrix(x.data(), samples, n), matrix(parameters.data(), n, n),
                      matrix(y.data(), samples, n), threads);
  for (const double density : {1.0, 0.2, 0.1}) {
    std::ranges::copy(numbers(samples * n, density).span(), x.data());
    for (const auto& plan : plans) std::ranges::copy(x.span(), plan->input(graph.find("input")));
    std::vector<double> theirs, ours[3], ratio[3];
    for (int i = 0; i < 21; ++i) {
      theirs.push_back(seconds([&] { dense.run(); }));
      for (std::size_t p = 0; p < plans.size(); ++p) {
        ours[p].push_back(seconds([&] { plans[p]->run({}); }));
        ratio[p].push_back(theirs.back() / ours[p].back());
      }
    }
    std::printf("%7d %7ld %7.0f%% %9.0f", threads.threads(), samples, 100 * density,
                1e6 * median(theirs));
    for (std::size_t p = 0; p < plans.size(); ++p)
      std::printf(" %8.0f %6.2f", 1e6 * median(ours[p]), median(ratio[p]));
    std::printf("\n");
  }
}

/// A few samples through a layer of n x n, beside a product of oneDNN.
void compare_few_samples(std::int64_t samples, std::int64_t n, ThreadPool& threads) {
  const graph::Graph graph =
      graph::parse_model(std::to_string(n) + " : dense " + std::to_string(n) + " bias=no");
  const run::ParameterLayout layout(graph);
  Buffer parameters = numbers(static_cast<std::int64_t>(layout.floats()), 1);
  Buffer y(static_cast<std::size_t>(samples * n));
  run::Plan plan(graph, layout, parameters.data(), threads,
                 {.batch = samples, .keep = {graph.result}});
  float* const x = plan.input(graph.find("input"));
  const Product dense(matrix(x, samples, n), matrix(parameters.data(), n, n),
                      matrix(y.data(), samples, n), threads);
  for (const double density : {1.0, 0.5, 0.2, 0.1, 0.05}) {
    std::ranges::copy(numbers(samples * n, density).span(), x);
    std::vector<double> ratio, ours, theirs;
    for (int i = 0; i < 21; ++i) {
      theirs.push_back(seconds([&] { dense.run(); }));
      ours.push_back(seconds([&] { plan.run({}); }));
      ratio.push_back(theirs.back() / ours.back());
    }
    std::printf("%7d %6ld %7ld %7.0f%% %9.0f %9.0f %6.2f\n", threads.threads(), n, samples,
                100 * density, 1e6 * median(theirs), 1e6 * median(ours), median(ratio));
  }
}

}  // namespace
}  // namespace rectify::bench

int main(int argc, char** argv) {
  std::vector<std::int64_t> batches;
  for (int i = 1; i < argc; ++i) batches.push_back(std::atoll(argv[i]));
  if (batches.empty()) batches = {128, 512};
  rectify::bench::compare(batches, rectify::Element::float32);
  if (rectify::run::cpu::can_compute_bfloat16()) {
    std::printf("\n");
    rectify::bench::compare(batches, rectify::Element::bfloat16);
  }
  std::printf("\nlayers of n x n, few samples\n\n%7s %6s %7s %8s %9s %9s %6s\n", "threads", "n",
              "samples", "nonzeros", "dense us", "ours us", "times");
  for (const int count : {1, 2}) {
    rectify::ThreadPool threads(count);
    for (const int n : {1000, 4096})
      for (const int samples : {1, 2, 4, 8, 16})
        rectify::bench::compare_few_samples(samples, n, threads);
  }
  std::printf(
      "\na layer of 4096 x 4096, microseconds and times as fast as dense\n\n%7s %7s %8s %9s",
      "threads", "samples", "nonzeros", "dense us");
  for (const std::string& name : rectify::all_names<rectify::run::WeightPrecision>())
    std::printf(" %8s %6s", name.c_str(), "times");
  std::printf("\n");
  for (const int count : {1, 2}) {
    rectify::ThreadPool threads(count);
    for (const int samples : {1, 8, 32}) rectify::bench::compare_precisions(samples, 4096, threads);
  }
}
