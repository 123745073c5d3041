// Times the rows' kernels, oneDNN's and copies on one thread, as bench/activations.py asks: one
// request a line on standard input, one JSON object a line in reply. Between requests it sleeps, so
// that it can alternate with PyTorch in another process.
//
//   describe                                     rows, their contenders, versions
//   check ROW PASS CONTENDER N                   64 results, evenly spread
//   time ROW PASS CONTENDER N SECONDS SAMPLES    best seconds a call of samples that long
//
// PASS is forward or backward. CONTENDER is ours, ours_output (from y), onednn, onednn_output, or,
// for the row "copy", a copy's name with _ for blanks.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>

#include "bench/against/onednn.h"
#include "bench/copy.h"
#include "rectify/activation/kernels.h"
#include "rectify/base/error.h"
#include "rectify/tensor/buffer.h"

namespace rectify::bench {
namespace {

using activation::Row;
using Clock = std::chrono::steady_clock;

/// x, y = f(x), dy and a place for results, kept between requests of the same size.
struct Arrays {
  std::size_t n = 0;
  const Row* row = nullptr;  // whose y it is
  Buffer x, y, dy, out;

  void prepare(std::size_t size, const Row* of) {
    if (n != size) {
      *this = {};
      n = size, x = Buffer(n), y = Buffer(n), dy = Buffer(n), out = Buffer(n);
      // The same numbers as in against/pytorch_activations.py: x in [-4, 4), without an order that
      // a branch could be foreseen from; dy in [0.5, 1.5).
      for (std::size_t i = 0; i < n; ++i) {
        const std::uint32_t scattered = static_cast<std::uint32_t>(i) * 2654435761u;
        x.data()[i] = static_cast<float>(scattered >> 8) * 0x1p-21f - 4;
        dy.data()[i] = static_cast<float>(scattered & 0xffff) * 0x1p-16f + 0.5f;
      }
    }
    if (of && row != of) activation::kernels(*of).forward(x.data(), y.data(), n, of->defaults());
    row = of;
  }
};

/// One call of a contender; null when the row has none of that name.
std::function<void()> call_of(const Row& row, bool backward, std::string_view contender,
                              Arrays& arrays) {
  const activation::Parameters p = row.defaults();
  const activation::Kernels& k = activation::kernels(row);
  const std::size_t n = arrays.n;
  const float *x = arrays.x.data(), *y = arrays.y.data(), *dy = arrays.dy.data();
  float* out = arrays.out.data();
  if (contender == "ours" && !backward) return [=] { k.forward(x, out, n, p); };
  if (contender == "ours") return [=] { k.backward(x, dy, out, n, p); };
  if (contender == "ours_output" && backward && row.from_output(p)) {
    return [=] { k.backward_from_output(y, dy, out, n, p); };
  }
  const auto form = onednn_form(row);
  const bool output = contender == "onednn_output";
  if (!form || (contender != "onednn" && !output)) return nullptr;
  if (output && (!backward || form->from_output == dnnl::algorithm::undef)) return nullptr;
  const auto pass = !backward ? OneDnn::Pass::forward
                    : output  ? OneDnn::Pass::backward_from_output
                              : OneDnn::Pass::backward;
  const auto primitive = std::make_shared<OneDnn>(*form, pass, n);
  primitive->bind(output ? y : x, dy, out);
  return [primitive] { primitive->run(); };
}

std::function<void()> copy_of(std::string contender, Arrays& arrays) {
  std::replace(contender.begin(), contender.end(), '_', ' ');
  for (const Copy& copy : copies()) {
    if (copy.name == contender) {
      return [run = copy.run, &arrays] { run(arrays.x.data(), arrays.out.data(), arrays.n); };
    }
  }
  return nullptr;
}

double seconds_of(const std::function<void()>& call, int calls) {
  const Clock::time_point begin = Clock::now();
  for (int i = 0; i < calls; ++i) call();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// The best of the samples, each of as many calls as last about `seconds`.
double time_of(const std::function<void()>& call, double seconds, int samples) {
  call();  // touches the memory, fills the caches, lets oneDNN make its code
  double once = seconds_of(call, 1);
  int calls = 1;
  while (once * calls < seconds / 4 && calls < 1 << 24) {
    calls *= 4;
    once = seconds_of(call, calls) / calls;
  }
  calls = std::max(1, static_cast<int>(seconds / once));
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < samples; ++i) best = std::min(best, seconds_of(call, calls) / calls);
  return best;
}

nlohmann::json describe() {
  nlohmann::json rows = nlohmann::json::array(), names = nlohmann::json::array();
  Arrays arrays;
  for (const Row& row : activation::family()) {
    arrays.prepare(64, &row);
    nlohmann::json entry = {{"name", row.name}};
    for (const bool backward : {false, true}) {
      nlohmann::json& list = entry[backward ? "backward" : "forward"];
      for (const char* contender : {"ours", "ours_output", "onednn", "onednn_output"}) {
        if (call_of(row, backward, contender, arrays)) list.push_back(contender);
      }
    }
    const auto form = onednn_form(row);
    entry["onednn_as"] = form ? form->as : "";
    rows.push_back(entry);
  }
  for (const Copy& copy : copies()) names.push_back(copy.name);
  return {{"rows", rows},
          {"copies", names},
          {"onednn", onednn_version()},
          {"compiler", __VERSION__},
          {"instruction_set", activation::instruction_set()}};
}

nlohmann::json answer(const std::string& line, Arrays& arrays) {
  std::istringstream words(line);
  std::string verb, name, pass, contender;
  std::size_t n = 0;
  double seconds = 1e-3;
  int samples = 5;
  words >> verb;
  if (verb == "describe") return describe();
  words >> name >> pass >> contender >> n >> seconds >> samples;
  if (n == 0 || n % 64 != 0) fail("a size must be a multiple of 64: '", line, "'");
  const bool copy = name == "copy";
  const Row* row = copy ? nullptr : &activation::find(name);
  arrays.prepare(n, row);
  const std::function<void()> call =
      copy ? copy_of(contender, arrays) : call_of(*row, pass == "backward", contender, arrays);
  if (!call) fail("no '", contender, "' for '", line, "'");
  if (verb == "time") return {{"seconds", time_of(call, seconds, samples)}};
  if (verb != "check") fail("what is '", verb, "'?");
  call();
  nlohmann::json results = nlohmann::json::array();
  for (std::size_t i = 0; i < n; i += n / 64) results.push_back(arrays.out.data()[i]);
  return {{"results", results}};
}

void serve() {
  Arrays arrays;
  for (std::string line; std::getline(std::cin, line);) {
    nlohmann::json reply;
    try {
      reply = answer(line, arrays);
    } catch (const std::exception& error) {
      reply = {{"error", error.what()}};
    }
    std::cout << reply.dump() << std::endl;
  }
}

}  // namespace
}  // namespace rectify::bench

int main() { rectify::bench::serve(); }
