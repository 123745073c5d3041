#include "rectify/run/cpu/convolution/convolution.h"

#include <cstddef>
#include <cstring>
#include <functional>
#include <map>
#include <vector>

#include "rectify/run/cpu/convolution/convolution_tiles.h"
#include "rectify/run/cpu/convolution/primitives.h"
#include "rectify/run/cpu/onednn.h"
#include "rectify/run/cpu/scratch.h"

namespace rectify::run::cpu {

using dnnl::memory;

namespace {

/// Floats that a packed weight takes among others, each beginning on a cache line.
std::size_t room(const memory& packed) {
  constexpr std::size_t line = 16;
  return (floats_of(packed.get_desc()) + line - 1) / line * line;
}

/// A weight of turned taps, each still of inputs x units, as that convolution knows it.
memory::desc turned_weight(const ConvolutionSize& s) {
  const std::int64_t h = s.window.y.size, w = s.window.x.size, tap = s.channels * s.units;
  return {{s.channels, s.units, h, w}, data_type(s.element), {s.units, 1, w * tap, tap}};
}

}  // namespace

struct Convolution::Tiles {
  struct Tile {
    dnnl::primitive primitive;
    Arguments arguments;
    std::size_t first, count;  ///< elements of the value
    Lent scratch = {arguments.at(DNNL_ARG_SCRATCHPAD), ScratchUse::primitive};
  };

  ThreadPool& threads;
  dnnl::stream stream{cpu_engine()};
  std::vector<memory> packed = {};            ///< the weight, in each order that a tile wants
  std::function<void(std::byte*)> turn = {};  ///< makes the weight of turned taps; may be empty
  std::vector<Reorder> reorders = {};
  std::vector<Tile> all = {};

  /// The weight in the wanted order; prepares what puts it there.
  memory weight_as(const memory::desc& wanted, const memory& plain) {
    if (wanted == plain.get_desc()) return plain;
    for (const Reorder& r : reorders)
      if (r.arguments.at(DNNL_ARG_TO).get_desc() == wanted) return r.arguments.at(DNNL_ARG_TO);
    packed.push_back(memory_at(wanted, nullptr));
    reorders.emplace_back(plain, packed.back());
    return packed.back();
  }

  void add_forward(const ConvolutionSize& s, const Storage& from, const memory& plain, float* bias,
                   const Storage& to);
  memory turned_taps(const ConvolutionSize& s, const Storage& weights);
  std::size_t packed_floats() const;
  void lend_packed() const;
  void announce() const;
};

Convolution::Convolution(std::unique_ptr<Tiles> tiles) : tiles_(std::move(tiles)) {
  tiles_->announce();
}
Convolution::~Convolution() = default;
Convolution::Convolution(Convolution&&) noexcept = default;

// Appends the tiles of results = bias + images * weight, from the weight as it lies in memory.
void Convolution::Tiles::add_forward(const ConvolutionSize& s, const Storage& from,
                                     const memory& plain, float* bias, const Storage& to) {
  std::map<std::int64_t, ConvolutionPrimitive> ready;  // by the number of samples
  for (const auto& [first, n] : sample_tiles(s)) {
    if (!ready.contains(n)) ready[n] = forward_of(s, n, bias != nullptr);
    const ConvolutionPrimitive& r = ready[n];
    const ConvolutionValues v = convolution_values(s, n, s.element, s.element, s.result, bias);
    Arguments arguments = {{DNNL_ARG_SRC, memory_at(v.image, sample(from, first, s.image_size()))},
                           {DNNL_ARG_WEIGHTS, weight_as(r.weight, plain)},
                           {DNNL_ARG_DST, memory_at(v.result, sample(to, first, s.result_size()))},
                           {DNNL_ARG_SCRATCHPAD, memory_at(r.scratch, nullptr)}};
    if (bias) arguments.insert({DNNL_ARG_BIAS, memory_at(v.bias, bias)});
    all.push_back({r.primitive, std::move(arguments),
                   static_cast<std::size_t>(first * s.result_size()),
                   static_cast<std::size_t>(n * s.result_size())});
  }
}

// The weight with its taps in the opposite order, made at the beginning of every run.
memory Convolution::Tiles::turned_taps(const ConvolutionSize& s, const Storage& weights) {
  const std::int64_t taps = s.window.y.size * s.window.x.size;
  const std::size_t tap = static_cast<std::size_t>(s.channels * s.units * bytes_of(s.element));
  packed.push_back(memory_at(turned_weight(s), nullptr));
  turn = [=, from = weights.data](std::byte* to) {
    for (std::int64_t t = 0; t < taps; ++t)
      std::memcpy(to + static_cast<std::size_t>(taps - 1 - t) * tap,
                  from + static_cast<std::size_t>(t) * tap, tap);
  };
  return packed.back();
}

std::size_t Convolution::Tiles::packed_floats() const {
  std::size_t sum = 0;
  for (const memory& m : packed) sum += room(m);
  return sum;
}

void Convolution::Tiles::announce() const {
  announce_scratch(ScratchUse::packed, packed_floats());
  for (const Tile& tile : all) tile.scratch.announce();
}

// Gives the packed weights their place, which they need until the end of a run.
void Convolution::Tiles::lend_packed() const {
  float* place = scratch_of_thread(ScratchUse::packed, packed_floats());
  for (memory m : packed) {
    m.set_data_handle(place);
    place += room(m);
  }
  if (turn) turn(static_cast<std::byte*>(packed[0].get_data_handle()));
}

Convolution Convolution::forward(const ConvolutionSize& s, Storage from, Storage weights,
                                 float* bias, Storage to, ThreadPool& threads) try {
  const OneThread one_thread;
  std::unique_ptr<Tiles> tiles(new Tiles{threads});
  tiles->add_forward(s, from, memory_at(stored_weight(s, s.element), weights.data), bias, to);
  return Convolution(std::move(tiles));
} catch (const dnnl::error& error) {
  cannot_convolve(s, error);
}

Convolution Convolution::input_gradient(const ConvolutionSize& s, Storage from, Storage weights,
                                        Storage to, ThreadPool& threads) try {
  const OneThread one_thread;
  std::unique_ptr<Tiles> tiles(new Tiles{threads});
  if (is_convolution_backwards(s)) {
    tiles->add_forward(turned(s), from, tiles->turned_taps(s, weights), nullptr, to);
    return Convolution(std::move(tiles));
  }
  const memory plain = memory_at(stored_weight(s, s.element), weights.data);
  std::map<std::int64_t, ConvolutionPrimitive> ready;
  for (const auto& [first, n] : sample_tiles(s)) {
    if (!ready.contains(n)) ready[n] = input_gradient_of(s, n);
    const ConvolutionPrimitive& r = ready[n];
    const ConvolutionValues v = convolution_values(s, n, s.result, s.element, s.element, false);
    tiles->all.push_back(
        {r.primitive,
         {{DNNL_ARG_DIFF_DST, memory_at(v.result, sample(from, first, s.result_size()))},
          {DNNL_ARG_WEIGHTS, tiles->weight_as(r.weight, plain)},
          {DNNL_ARG_DIFF_SRC, memory_at(v.image, sample(to, first, s.image_size()))},
          {DNNL_ARG_SCRATCHPAD, memory_at(r.scratch, nullptr)}},
         static_cast<std::size_t>(first * s.image_size()),
         static_cast<std::size_t>(n * s.image_size())});
  }
  return Convolution(std::move(tiles));
} catch (const dnnl::error& error) {
  cannot_convolve(s, error);
}

void Convolution::run(const FusedOps& fused) const {
  tiles_->lend_packed();
  tiles_->threads.run(tiles_->reorders.size(), [&](std::size_t i) {
    const OneThread one_thread;
    tiles_->reorders[i].primitive.execute(tiles_->stream, tiles_->reorders[i].arguments);
  });
  tiles_->threads.run(tiles_->all.size(), [&](std::size_t i) {
    const OneThread one_thread;
    const Tiles::Tile& tile = tiles_->all[i];
    tile.scratch.lend();
    tile.primitive.execute(tiles_->stream, tile.arguments);
    fused(tile.first, tile.count);
  });
}

}  // namespace rectify::run::cpu
