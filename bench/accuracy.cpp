// Sweeps every row's float kernels, of every instruction set, and oneDNN's over the floats and
// prints how far they are from the definition in double precision, as JSON. A row whose definition
// is cheap is swept over all 2^32 floats. bench/accuracy.py runs this and judges PyTorch likewise.
//
//   bench_accuracy [--quick] [--points N] [--exhaustive-below NS] [--threads N] [ROW...]

#include <bit>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bench/against/onednn.h"
#include "bench/judge.h"
#include "rectify/activation/kernels.h"
#include "rectify/base/error.h"
#include "rectify/base/thread_pool.h"

namespace rectify::bench {
namespace {

using activation::Row;
using Clock = std::chrono::steady_clock;

constexpr std::size_t chunk = 1 << 13;  // x, the exact results and ours stay in the second cache
constexpr std::size_t chunks_a_tile = 128;

struct Options {
  std::uint64_t points = 1 << 26;
  double exhaustive_below = 5;  // ns that the definition may take
  double fewer_above = 200;     // ns from which on a quarter of the points has to do
  int threads = 0;
  std::vector<std::string> rows;
};

/// One that computes a row in floats: got[i] = f(x[i]), or f'(x[i]) with ones for the gradient.
struct Subject {
  std::string name;
  std::function<void(const float* x, const float* ones, float* got, std::size_t n)> compute;
};

void add_kernels(const Row& row, Kind kind, std::vector<Subject>& subjects) {
  const activation::Parameters p = row.defaults();
  for (const std::string_view isa : activation::instruction_sets()) {
    const activation::Kernels& k = activation::kernels(row, isa);
    const std::string name(isa);
    if (kind == Kind::value) {
      subjects.push_back({name, [&k, p](const float* x, const float*, float* got, std::size_t n) {
                            k.forward(x, got, n, p);
                          }});
    } else {
      subjects.push_back({name, [&k, p](const float* x, const float* ones, float* got,
                                        std::size_t n) { k.backward(x, ones, got, n, p); }});
    }
    if (!may_be_learned(row.varying)) continue;
    const std::vector<float> a(chunk, static_cast<float>(p[0]));
    subjects.push_back({name + " varying", [&k, a, kind](const float* x, const float* ones,
                                                         float* got, std::size_t n) {
                          if (kind == Kind::value) {
                            k.forward_varying(x, a.data(), got, n);
                          } else {
                            k.backward_varying(x, a.data(), ones, got, n);
                          }
                        }});
  }
}

/// All that compute the row, for use by one thread.
std::vector<Subject> subjects_of(const Row& row, Kind kind) {
  std::vector<Subject> subjects;
  add_kernels(row, kind, subjects);
  if (const auto form = onednn_form(row)) {
    const auto pass = kind == Kind::value ? OneDnn::Pass::forward : OneDnn::Pass::backward;
    const auto peer = std::make_shared<OneDnn>(*form, pass, chunk);
    subjects.push_back(
        {"onednn", [peer](const float* x, const float* ones, float* got, std::size_t) {
           peer->bind(x, ones, got);
           peer->run();
         }});
  }
  return subjects;
}

/// What one thread needs to judge a chunk.
struct Desk {
  std::vector<float> x, ones, got, nearest;
  std::vector<double> want;
  Desk() : x(chunk), ones(chunk, 1.0f), got(chunk), nearest(chunk), want(chunk) {}
};

std::vector<Verdict> judge_tile(const Judge& judge, const Points& points, std::size_t tile,
                                const std::vector<Subject>& subjects) {
  thread_local Desk desk;
  std::vector<Verdict> verdicts(subjects.size());
  for (std::size_t c = 0; c < chunks_a_tile; ++c) {
    const std::uint64_t first = (tile * chunks_a_tile + c) * chunk;
    if (first >= points.count()) break;
    points.fill(first, chunk, desk.x.data());
    judge.expect(desk.x.data(), chunk, desk.want.data(), desk.nearest.data());
    for (std::size_t s = 0; s < subjects.size(); ++s) {
      subjects[s].compute(desk.x.data(), desk.ones.data(), desk.got.data(), chunk);
      judge.hold(desk.x.data(), desk.want.data(), desk.nearest.data(), desk.got.data(), chunk,
                 verdicts[s]);
    }
  }
  return verdicts;
}

nlohmann::json sweep(const Row& row, Kind kind, const Options& options, ThreadPool& threads) {
  const Judge judge(row, kind);
  const double cost = judge.cost();
  Points points{cost < options.exhaustive_below, options.points};
  if (cost > options.fewer_above) points.stratified /= 4;
  std::fprintf(stderr, "%-16s %-6s definition %6.1f ns, %.3g points ...", row.name.data(),
               name_of(kind).data(), cost, static_cast<double>(points.count()));
  const Clock::time_point begin = Clock::now();
  std::mutex mutex;
  std::vector<Verdict> total(subjects_of(row, kind).size());
  constexpr std::size_t tile_points = chunk * chunks_a_tile;
  threads.run((points.count() + tile_points - 1) / tile_points, [&](std::size_t tile) {
    const std::vector<Verdict> verdicts = judge_tile(judge, points, tile, subjects_of(row, kind));
    const std::lock_guard lock(mutex);
    for (std::size_t s = 0; s < total.size(); ++s) total[s].add(verdicts[s]);
  });
  const std::chrono::duration<double> seconds = Clock::now() - begin;
  std::fprintf(stderr, " %.1f s\n", seconds.count());

  nlohmann::json verdicts;
  const std::vector<Subject> subjects = subjects_of(row, kind);
  for (std::size_t s = 0; s < total.size(); ++s) verdicts[subjects[s].name] = total[s].json();
  const auto form = onednn_form(row);
  return {{"row", row.name},
          {"kind", name_of(kind)},
          {"all", points.all},
          {"stratified", points.stratified},
          {"points", points.count()},
          {"definition_ns", cost},
          {"seconds", seconds.count()},
          {"allowed_ulp", judge.allowed_ulp()},
          {"sign_changes", judge.sign_changes()},
          {"reach", judge.reach()},
          {"onednn_as", form ? form->as : ""},
          {"verdicts", verdicts}};
}

Options parse(int count, char** words) {
  Options options;
  const auto number = [&](int& i) {
    if (i + 1 >= count) fail(words[i], " wants a number");
    return std::atof(words[++i]);
  };
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--quick") {
      options.points = 1 << 18, options.exhaustive_below = 0;
    } else if (word == "--points") {
      options.points = std::bit_ceil(static_cast<std::uint64_t>(number(i)));
    } else if (word == "--exhaustive-below") {
      options.exhaustive_below = number(i);
    } else if (word == "--threads") {
      options.threads = static_cast<int>(number(i));
    } else {
      options.rows.push_back(std::string(activation::find(word).name));
    }
  }
  if (options.points < 4 * chunk) fail("--points wants at least ", 4 * chunk);
  if (options.rows.empty()) options.rows = activation::names();
  return options;
}

void run(const Options& options) {
  ThreadPool threads(options.threads);
  nlohmann::json sweeps;
  const Clock::time_point begin = Clock::now();
  for (const std::string& name : options.rows) {
    for (const Kind kind : {Kind::value, Kind::slope}) {
      sweeps.push_back(sweep(activation::find(name), kind, options, threads));
    }
  }
  const std::chrono::duration<double> seconds = Clock::now() - begin;
  const nlohmann::json report = {{"onednn", onednn_version()},
                                 {"instruction_sets", activation::instruction_sets()},
                                 {"threads", threads.threads()},
                                 {"seconds", seconds.count()},
                                 {"exhaustive_below_ns", options.exhaustive_below},
                                 {"compiler", __VERSION__},
                                 {"sweeps", sweeps}};
  std::cout << report.dump(1) << "\n";
}

}  // namespace
}  // namespace rectify::bench

int main(int count, char** words) {
  try {
    rectify::bench::run(rectify::bench::parse(count, words));
  } catch (const std::exception& error) {
    std::cerr << "bench_accuracy: " << error.what() << "\n";
    return 1;
  }
}
