// Times the three functions of each vehicle in the first cache, in turns, and holds them against
// double precision. Prints JSON; simd.py makes tables of it.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "bench/judge.h"
#include "bench/simd/vehicle.h"
#include "rectify/base/instruction_set.h"

namespace rectify::vehicles {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t size = 4096;
constexpr int calls = 1000, samples = 5;

/// Nanoseconds a call: the best of the samples, a millisecond or so each.
double time_of(Function f, const float* x, float* y) {
  double best = std::numeric_limits<double>::infinity();
  for (int s = 0; s < samples; ++s) {
    const Clock::time_point begin = Clock::now();
    for (int i = 0; i < calls; ++i) f(x, y, size);
    const std::chrono::duration<double, std::nano> time = Clock::now() - begin;
    best = std::min(best, time.count() / calls);
  }
  return best;
}

bench::Verdict judge(Function f, const char* row) {
  const bench::Judge judge(activation::find(row), bench::Kind::value);
  const bench::Points points = {false, 1 << 22};
  std::vector<float> x(size), y(size), nearest(size);
  std::vector<double> want(size);
  bench::Verdict verdict;
  for (std::uint64_t first = 0; first < points.count(); first += size) {
    points.fill(first, size, x.data());
    f(x.data(), y.data(), size);
    judge.expect(x.data(), size, want.data(), nearest.data());
    judge.hold(x.data(), want.data(), nearest.data(), y.data(), size, verdict);
  }
  return verdict;
}

std::vector<Vehicle> vehicles() {
  std::vector<Vehicle> all;
  for (const auto make : {own_avx512, highway_avx512, xsimd_avx512, clones_all, own_avx2,
                          highway_avx2, xsimd_avx2, clones_avx2}) {
    const Vehicle v = make();
    if (v.relu && supports(v.isa)) all.push_back(v);
  }
  return all;
}

nlohmann::json run(int rounds) {
  const std::vector<Vehicle> all = vehicles();
  float* x = static_cast<float*>(std::aligned_alloc(64, 4 * size));
  float* y = static_cast<float*>(std::aligned_alloc(64, 4 * size));
  for (std::size_t i = 0; i < size; ++i) {
    x[i] = static_cast<float>(i * 2654435761u % size) * (8.0f / size) - 4;
  }
  nlohmann::json found = nlohmann::json::array();
  const std::pair<const char*, Function Vehicle::*> functions[] = {
      {"relu", &Vehicle::relu}, {"sigmoid", &Vehicle::sigmoid}, {"gelu", &Vehicle::gelu}};
  for (const auto& [name, member] : functions) {
    std::vector<std::vector<double>> times(all.size());
    for (int round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        const std::size_t v = (i + static_cast<std::size_t>(round)) % all.size();
        times[v].push_back(time_of(all[v].*member, x, y));
      }
    }
    for (std::size_t v = 0; v < all.size(); ++v) {
      found.push_back({{"function", name},
                       {"vehicle", all[v].name},
                       {"isa", all[v].isa},
                       {"ns", times[v]},
                       {"verdict", judge(all[v].*member, name).json()}});
    }
  }
  std::free(x);
  std::free(y);
  return {{"size", size}, {"results", found}, {"compiler", __VERSION__}};
}

}  // namespace
}  // namespace rectify::vehicles

int main(int count, char** words) {
  const int rounds = count > 1 ? std::atoi(words[1]) : 15;
  std::cout << rectify::vehicles::run(rounds).dump(1) << "\n";
}
