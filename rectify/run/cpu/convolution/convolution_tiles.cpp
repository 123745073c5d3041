#include "rectify/run/cpu/convolution/convolution_tiles.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/scratch.h"

namespace rectify::run::cpu {

namespace {

/// Multiply-adds below which a tile is not worth handing out.
constexpr std::int64_t least_work = 1 << 21;
/// Places of results for which a tile, or a part of the batch, reads or writes the whole weight.
constexpr std::int64_t least_places = 256, least_places_of_sums = 1024;
/// Most parts of the batch with sums of their own.
constexpr std::int64_t most_sums = 16;

std::int64_t work(const ConvolutionSize& s) {
  return s.places() * s.weight_size();  // of a sample
}

}  // namespace

std::vector<Samples> cut(std::int64_t total, std::int64_t parts) {
  std::vector<Samples> ranges;
  for (std::int64_t i = 0; i < parts; ++i) {
    const std::int64_t first = total * i / parts;
    ranges.push_back({first, total * (i + 1) / parts - first});
  }
  return ranges;
}

std::byte* sample(const Storage& values, std::int64_t index, std::int64_t size) {
  return values.data + index * size * bytes_of(values.element);
}

bool is_convolution_backwards(const ConvolutionSize& s) {
  const auto fits = [](const graph::WindowAxis& a) {
    const std::int64_t reach = (a.size - 1) * a.dilation;
    return a.stride == 1 && a.before <= reach && a.after <= reach;
  };
  return s.groups == 1 && fits(s.window.y) && fits(s.window.x);
}

ConvolutionSize turned(ConvolutionSize s) {
  std::swap(s.channels, s.units);
  for (graph::WindowAxis* const a : {&s.window.y, &s.window.x}) {
    const std::int64_t reach = (a->size - 1) * a->dilation;
    std::swap(a->in, a->out);
    a->before = reach - a->before;
    a->after = reach - a->after;
  }
  return s;
}

std::vector<Samples> sample_tiles(const ConvolutionSize& s) {
  const std::int64_t samples =
      std::max({std::int64_t{1}, least_work / work(s), least_places / s.places()});
  const std::int64_t tiles = (s.batch + samples - 1) / samples;
  return cut(s.batch, std::min(s.batch, tiles > 1 ? tiles + tiles % 2 : 1));
}

std::vector<Samples> sum_parts(const ConvolutionSize& s) {
  if (s.batch < 2 || s.batch * work(s) < 2 * least_work) return {{0, s.batch}};
  const std::int64_t parts = std::clamp(s.batch * s.places() / least_places_of_sums,
                                        std::int64_t{2}, std::min(most_sums, s.batch));
  return cut(s.batch, static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(parts))));
}

std::size_t floats_of_sums(const ConvolutionSize& s) {
  const std::size_t parts = sum_parts(s).size();
  return parts == 1 ? 0 : parts * static_cast<std::size_t>(s.weight_size());
}

void sum_of_parts(const ConvolutionSize& s, ThreadPool& threads, float* total,
                  const std::function<void(std::size_t, float*)>& put) {
  const auto size = static_cast<std::size_t>(s.weight_size());
  const std::size_t floats = floats_of_sums(s), parts = floats ? floats / size : 1;
  float* const sums = floats ? scratch_of_thread(ScratchUse::sums, floats) : total;
  threads.run(parts, [&](std::size_t i) { put(i, sums + i * size); });
  if (parts == 1) return;
  for_elements(threads, size, [&](std::size_t first, std::size_t n) {
    loops().add(sums + first, sums + size + first, total + first, n);
    for (std::size_t i = 2; i < parts; ++i)
      loops().add(total + first, sums + i * size + first, total + first, n);
  });
}

}  // namespace rectify::run::cpu
