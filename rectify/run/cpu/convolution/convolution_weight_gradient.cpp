#include <map>
#include <vector>

#include "rectify/run/cpu/convolution/convolution.h"
#include "rectify/run/cpu/convolution/convolution_tiles.h"
#include "rectify/run/cpu/convolution/patches.h"
#include "rectify/run/cpu/convolution/primitives.h"
#include "rectify/run/cpu/onednn.h"
#include "rectify/run/cpu/scratch.h"

namespace rectify::run::cpu {

using dnnl::memory;

namespace {

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

}  // namespace

struct ConvolutionWeightGradient::Parts {
  struct Part {
    dnnl::primitive primitive;
    Arguments arguments;
    std::vector<Reorder> reorder;       ///< into the weight's own order; none where it has that
    const std::byte* images = nullptr;  ///< where patches of them are what is multiplied
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

  void add_by_patches(const Samples& samples, const Storage& from, const Storage& results);
  void add_convolution(const Samples& samples, const ConvolutionPrimitive& r, const Storage& from,
                       const Storage& results);
  void announce() const;
};

void ConvolutionWeightGradient::Parts::add_by_patches(const Samples& samples, const Storage& from,
                                                      const Storage& results) {
  const auto& [first, n] = samples;
  const PatchProduct p(of, n);
  all.push_back(
      {dnnl::matmul(p.product),
       {{DNNL_ARG_SRC, memory_at(p.patches, nullptr)},
        {DNNL_ARG_WEIGHTS, memory_at(p.results, sample(results, first, of.result_size()))},
        {DNNL_ARG_DST, memory_at(weight_matrix(of), nullptr)},
        {DNNL_ARG_SCRATCHPAD, memory_at(p.product.scratchpad_desc(), nullptr)}},
       {},
       sample(from, first, of.image_size()),
       n});
  all.back().lend(DNNL_ARG_SCRATCHPAD, ScratchUse::primitive);
  all.back().lend(DNNL_ARG_SRC, ScratchUse::patches);
}

void ConvolutionWeightGradient::Parts::add_convolution(const Samples& samples,
                                                       const ConvolutionPrimitive& r,
                                                       const Storage& from,
                                                       const Storage& results) {
  const auto& [first, n] = samples;
  const memory::desc plain = stored_weight(of, Element::float32);
  const ConvolutionValues v =
      convolution_values(of, n, of.element, Element::float32, of.element, false);
  const memory computed = memory_at(r.weight, nullptr);
  all.push_back(
      {r.primitive,
       {{DNNL_ARG_SRC, memory_at(v.image, sample(from, first, of.image_size()))},
        {DNNL_ARG_DIFF_DST, memory_at(v.result, sample(results, first, of.result_size()))},
        {DNNL_ARG_DIFF_WEIGHTS, computed},
        {DNNL_ARG_SCRATCHPAD, memory_at(r.scratch, nullptr)}},
       {}});
  all.back().lend(DNNL_ARG_SCRATCHPAD, ScratchUse::primitive);
  if (r.weight == plain) return;
  all.back().reorder.emplace_back(computed, memory_at(plain, nullptr));
  all.back().lend(DNNL_ARG_DIFF_WEIGHTS, ScratchUse::blocked);
}

ConvolutionWeightGradient::ConvolutionWeightGradient(const ConvolutionSize& s, Storage from,
                                                     Storage results, float* to,
                                                     ThreadPool& threads) try
    : parts_(new Parts{.threads = threads, .total = to, .of = s}) {
  const OneThread one_thread;
  std::map<std::int64_t, ConvolutionPrimitive> ready;
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
  cannot_convolve(s, error);
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
                     static_cast<std::byte*>(part.arguments.at(DNNL_ARG_SRC).get_data_handle()));
    part.primitive.execute(p.stream, part.arguments);
    for (const Reorder& r : part.reorder) r.primitive.execute(p.stream, r.arguments);
  });
}

}  // namespace rectify::run::cpu
