#include "rectify/run/cpu/convolution/convolution.h"

#include <cstddef>
#include <cstring>
#include <functional>
#include <map>
#include <unordered_map>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/run/cpu/convolution/convolution_tiles.h"
#include "rectify/run/cpu/convolution/patches.h"
#include "rectify/run/cpu/onednn.h"
#include "rectify/run/cpu/scratch.h"
#include "rectify/tensor/buffer.h"

namespace rectify::run::cpu {

namespace {

using dnnl::memory;
using Arguments = std::unordered_map<int, memory>;

memory::data_type data_type(Element element) {
  return element == Element::bfloat16 ? memory::data_type::bf16 : memory::data_type::f32;
}

memory::desc images(std::int64_t n, std::int64_t channels, std::int64_t height, std::int64_t width,
                    Element element) {
  return {{n, channels, height, width}, data_type(element), memory::format_tag::nhwc};
}

/// The weight as it is stored, or in any order.
memory::desc weight(const ConvolutionSize& s, Element element, bool any) {
  const std::int64_t h = s.window.y.size, w = s.window.x.size, in = s.channels / s.groups,
                     out = s.units / s.groups, row = in * s.units;
  memory::dims extents = {out, in, h, w}, strides = {1, s.units, w * row, row};
  if (s.groups > 1) {
    extents.insert(extents.begin(), s.groups);
    strides.insert(strides.begin(), out);
  }
  if (any) return {extents, data_type(element), memory::format_tag::any};
  return {extents, data_type(element), strides};
}

/// A convolution of `n` samples; which of its values have the factors' kind of elements depends on
/// what is computed.
ConvolutionValues values(const ConvolutionSize& s, std::int64_t n, Element image, Element weights,
                         Element result, bool bias) {
  const graph::WindowAxis &y = s.window.y, &x = s.window.x;
  ConvolutionValues v{.image = images(n, s.channels, y.in, x.in, image),
                      .weight = weight(s, weights, true),
                      .bias = {},
                      .result = images(n, s.units, y.out, x.out, result),
                      .strides = {y.stride, x.stride},
                      .dilations = {y.dilation - 1, x.dilation - 1},
                      .before = {y.before, x.before},
                      .after = {y.after, x.after}};
  if (bias) v.bias = {{s.units}, memory::data_type::f32, memory::format_tag::x};
  return v;
}

[[noreturn]] void cannot(const ConvolutionSize& s, const dnnl::error& error) {
  fail("oneDNN cannot make a convolution of ", s.window.y.in, "x", s.window.x.in, "x", s.channels,
       " into ", s.units, " units: ", error.what());
}

std::size_t floats(const memory::desc& d) { return (d.get_size() + 3) / sizeof(float); }

/// Floats that a packed weight takes among others, each beginning on a cache line.
std::size_t room(const memory& packed) {
  constexpr std::size_t line = 16;
  return (floats(packed.get_desc()) + line - 1) / line * line;
}

memory at(const memory::desc& d, float* data) { return {d, cpu_engine(), data}; }

/// An argument that is the calling thread's scratch memory while a primitive runs.
struct Lent {
  memory argument;
  ScratchUse use;
  std::size_t size = floats(argument.get_desc());

  void lend() const {
    memory shared = argument;  // a handle
    shared.set_data_handle(scratch_of_thread(use, size));
  }
  void announce() const { announce_scratch(use, size); }
};

/// A primitive, ready for its arguments.
struct Ready {
  dnnl::primitive primitive;
  memory::desc weight, scratch;
};

Ready forward_of(const ConvolutionSize& s, std::int64_t n, bool bias) {
  const auto d = convolution_descriptor(values(s, n, s.element, s.element, s.result, bias));
  return {dnnl::convolution_forward(d), d.weights_desc(), d.scratchpad_desc()};
}

Ready input_gradient_of(const ConvolutionSize& s, std::int64_t n) {
  const ConvolutionValues v = values(s, n, s.result, s.element, s.element, false);
  const auto hint = convolution_descriptor(values(s, n, s.element, s.element, s.element, false));
  const auto d = convolution_input_gradient_descriptor(v, hint);
  return {dnnl::convolution_backward_data(d), d.weights_desc(), d.scratchpad_desc()};
}

Ready weight_gradient_of(const ConvolutionSize& s, std::int64_t n) {
  const ConvolutionValues v = values(s, n, s.element, Element::float32, s.element, false);
  const auto hint = convolution_descriptor(values(s, n, s.element, s.element, s.element, false));
  const auto d = convolution_weight_gradient_descriptor(v, hint);
  return {dnnl::convolution_backward_weights(d), d.diff_weights_desc(), d.scratchpad_desc()};
}

/// The weight as a matrix of its taps' inputs and the units.
memory::desc weight_matrix(const ConvolutionSize& s) {
  return {{s.weight_size() / s.units, s.units}, memory::data_type::f32, memory::dims{s.units, 1}};
}

/// The gradient in the weight as transposed patches times gradients in the results.
struct PatchProduct {
  memory::desc patches, results;
  dnnl::matmul::primitive_desc product;

  PatchProduct(const ConvolutionSize& s, std::int64_t n)
      : patches({s.weight_size() / s.units, n * s.places()}, data_type(s.element),
                memory::dims{1, s.weight_size() / s.units}),
        results({n * s.places(), s.units}, data_type(s.element), memory::dims{s.units, 1}),
        product(matmul_descriptor(patches, results, weight_matrix(s))) {}
};

/// A weight of turned taps, each still of inputs x units, as that convolution knows it.
memory::desc turned_weight(const ConvolutionSize& s) {
  const std::int64_t h = s.window.y.size, w = s.window.x.size, tap = s.channels * s.units;
  return {{s.channels, s.units, h, w}, data_type(s.element), {s.units, 1, w * tap, tap}};
}

/// A copy of a weight from one order into another.
struct Reorder {
  dnnl::reorder primitive;
  Arguments arguments;

  Reorder(const memory& from, const memory& to)
      : primitive(from, to), arguments{{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}} {}
};

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
  std::vector<memory> packed = {};        ///< the weight, in each order that a tile wants
  std::function<void(float*)> turn = {};  ///< makes the weight of turned taps; may be empty
  std::vector<Reorder> reorders = {};
  std::vector<Tile> all = {};

  /// The weight in the wanted order; prepares what puts it there.
  memory weight_as(const memory::desc& wanted, const memory& plain) {
    if (wanted == plain.get_desc()) return plain;
    for (const Reorder& r : reorders)
      if (r.arguments.at(DNNL_ARG_TO).get_desc() == wanted) return r.arguments.at(DNNL_ARG_TO);
    packed.push_back(at(wanted, nullptr));
    reorders.emplace_back(plain, packed.back());
    return packed.back();
  }

  void add_forward(const ConvolutionSize& s, float* from, const memory& plain, float* bias,
                   float* to);
  memory turned_taps(const ConvolutionSize& s, float* weights);
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
void Convolution::Tiles::add_forward(const ConvolutionSize& s, float* from, const memory& plain,
                                     float* bias, float* to) {
  std::map<std::int64_t, Ready> ready;  // by the number of samples
  for (const auto& [first, n] : sample_tiles(s)) {
    if (!ready.contains(n)) ready[n] = forward_of(s, n, bias != nullptr);
    const Ready& r = ready[n];
    const ConvolutionValues v = values(s, n, s.element, s.element, s.result, bias);
    Arguments arguments = {
        {DNNL_ARG_SRC, at(v.image, sample(from, first, s.image_size(), s.element))},
        {DNNL_ARG_WEIGHTS, weight_as(r.weight, plain)},
        {DNNL_ARG_DST, at(v.result, sample(to, first, s.result_size(), s.result))},
        {DNNL_ARG_SCRATCHPAD, at(r.scratch, nullptr)}};
    if (bias) arguments.insert({DNNL_ARG_BIAS, at(v.bias, bias)});
    all.push_back({r.primitive, std::move(arguments),
                   static_cast<std::size_t>(first * s.result_size()),
                   static_cast<std::size_t>(n * s.result_size())});
  }
}

// The weight with its taps in the opposite order, made at the beginning of every run.
memory Convolution::Tiles::turned_taps(const ConvolutionSize& s, float* weights) {
  const std::int64_t taps = s.window.y.size * s.window.x.size;
  const std::size_t tap = static_cast<std::size_t>(s.channels * s.units * bytes_of(s.element));
  packed.push_back(at(turned_weight(s), nullptr));
  turn = [=, from = reinterpret_cast<const std::byte*>(weights)](float* turned) {
    std::byte* const to = reinterpret_cast<std::byte*>(turned);
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
  if (turn) turn(static_cast<float*>(packed[0].get_data_handle()));
}

Convolution Convolution::forward(const ConvolutionSize& s, float* from, float* weights, float* bias,
                                 float* to, ThreadPool& threads) try {
  const OneThread one_thread;
  std::unique_ptr<Tiles> tiles(new Tiles{threads});
  tiles->add_forward(s, from, at(weight(s, s.element, false), weights), bias, to);
  return Convolution(std::move(tiles));
} catch (const dnnl::error& error) {
  cannot(s, error);
}

Convolution Convolution::input_gradient(const ConvolutionSize& s, float* from, float* weights,
                                        float* to, ThreadPool& threads) try {
  const OneThread one_thread;
  std::unique_ptr<Tiles> tiles(new Tiles{threads});
  if (is_convolution_backwards(s)) {
    tiles->add_forward(turned(s), from, tiles->turned_taps(s, weights), nullptr, to);
    return Convolution(std::move(tiles));
  }
  const memory plain = at(weight(s, s.element, false), weights);
  std::map<std::int64_t, Ready> ready;
  for (const auto& [first, n] : sample_tiles(s)) {
    if (!ready.contains(n)) ready[n] = input_gradient_of(s, n);
    const Ready& r = ready[n];
    const ConvolutionValues v = values(s, n, s.result, s.element, s.element, false);
    tiles->all.push_back(
        {r.primitive,
         {{DNNL_ARG_DIFF_DST, at(v.result, sample(from, first, s.result_size(), s.element))},
          {DNNL_ARG_WEIGHTS, tiles->weight_as(r.weight, plain)},
          {DNNL_ARG_DIFF_SRC, at(v.image, sample(to, first, s.image_size(), s.result))},
          {DNNL_ARG_SCRATCHPAD, at(r.scratch, nullptr)}},
         static_cast<std::size_t>(first * s.image_size()),
         static_cast<std::size_t>(n * s.image_size())});
  }
  return Convolution(std::move(tiles));
} catch (const dnnl::error& error) {
  cannot(s, error);
}

void Convolution::run(const Riders& riders) const {
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
    riders(tile.first, tile.count);
  });
}

struct ConvolutionWeightGradient::Parts {
  struct Part {
    dnnl::primitive primitive;
    Arguments arguments;
    std::vector<Reorder> reorder;   ///< into the weight's own order; none where it has that
    const float* images = nullptr;  ///< where patches of them are what is multiplied
    std::int64_t samples = 0;
    std::vector<Lent> lent = {};

    void lend(int argument, ScratchUse use) { lent.push_back({arguments.at(argument), use}); }

    /// Where its gradient in the weight's own order goes.
    void put(float* sum) const {
      const int result = images ? DNNL_ARG_DST : DNNL_ARG_DIFF_WEIGHTS;
      memory to = reorder.empty() ? arguments.at(result) : reorder[0].arguments.at(DNNL_ARG_TO);
      to.set_data_handle(sum);
    }
  };

  ThreadPool& threads;
  dnnl::stream stream{cpu_engine()};
  std::vector<Part> all = {};
  float* total;  ///< the sum of the sums
  ConvolutionSize of;

  void add_by_patches(const Samples& samples, float* from, float* results);
  void add_convolution(const Samples& samples, const Ready& r, float* from, float* results);
  void announce() const;
};

void ConvolutionWeightGradient::Parts::add_by_patches(const Samples& samples, float* from,
                                                      float* results) {
  const auto& [first, n] = samples;
  const PatchProduct p(of, n);
  all.push_back(
      {dnnl::matmul(p.product),
       {{DNNL_ARG_SRC, at(p.patches, nullptr)},
        {DNNL_ARG_WEIGHTS, at(p.results, sample(results, first, of.result_size(), of.element))},
        {DNNL_ARG_DST, at(weight_matrix(of), nullptr)},
        {DNNL_ARG_SCRATCHPAD, at(p.product.scratchpad_desc(), nullptr)}},
       {},
       sample(from, first, of.image_size(), of.element),
       n});
  all.back().lend(DNNL_ARG_SCRATCHPAD, ScratchUse::primitive);
  all.back().lend(DNNL_ARG_SRC, ScratchUse::patches);
}

void ConvolutionWeightGradient::Parts::add_convolution(const Samples& samples, const Ready& r,
                                                       float* from, float* results) {
  const auto& [first, n] = samples;
  const memory::desc plain = weight(of, Element::float32, false);
  const ConvolutionValues v = values(of, n, of.element, Element::float32, of.element, false);
  const memory computed = at(r.weight, nullptr);
  all.push_back(
      {r.primitive,
       {{DNNL_ARG_SRC, at(v.image, sample(from, first, of.image_size(), of.element))},
        {DNNL_ARG_DIFF_DST, at(v.result, sample(results, first, of.result_size(), of.element))},
        {DNNL_ARG_DIFF_WEIGHTS, computed},
        {DNNL_ARG_SCRATCHPAD, at(r.scratch, nullptr)}},
       {}});
  all.back().lend(DNNL_ARG_SCRATCHPAD, ScratchUse::primitive);
  if (r.weight == plain) return;
  all.back().reorder.emplace_back(computed, at(plain, nullptr));
  all.back().lend(DNNL_ARG_DIFF_WEIGHTS, ScratchUse::blocked);
}

ConvolutionWeightGradient::ConvolutionWeightGradient(const ConvolutionSize& s, float* from,
                                                     float* results, float* to,
                                                     ThreadPool& threads) try
    : parts_(new Parts{.threads = threads, .total = to, .of = s}) {
  const OneThread one_thread;
  std::map<std::int64_t, Ready> ready;
  for (const Samples& samples : sum_parts(s)) {
    if (has_gradient_by_patches(s)) {
      parts_->add_by_patches(samples, from, results);
      continue;
    }
    if (!ready.contains(samples.count)) ready[samples.count] = weight_gradient_of(s, samples.count);
    parts_->add_convolution(samples, ready[samples.count], from, results);
  }
  parts_->announce();
} catch (const dnnl::error& error) {
  cannot(s, error);
}

ConvolutionWeightGradient::~ConvolutionWeightGradient() = default;
ConvolutionWeightGradient::ConvolutionWeightGradient(ConvolutionWeightGradient&&) noexcept =
    default;

void ConvolutionWeightGradient::Parts::announce() const {
  announce_scratch(ScratchUse::sums, floats_of_sums(of));
  for (const Part& part : all)
    for (const Lent& argument : part.lent) argument.announce();
}

void ConvolutionWeightGradient::run() const {
  Parts& p = *parts_;
  sum_of_parts(p.of, p.threads, p.total, [&](std::size_t i, float* sum) {
    const OneThread one_thread;
    const Parts::Part& part = p.all[i];
    part.put(sum);
    for (const Lent& argument : part.lent) argument.lend();
    if (part.images)
      gather_patches(p.of, part.samples, part.images,
                     static_cast<float*>(part.arguments.at(DNNL_ARG_SRC).get_data_handle()));
    part.primitive.execute(p.stream, part.arguments);
    for (const Reorder& r : part.reorder) r.primitive.execute(p.stream, r.arguments);
  });
}

}  // namespace rectify::run::cpu
