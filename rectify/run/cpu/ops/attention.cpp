// attention and its gradient: a tile for each head of each sequence.

#include "rectify/run/cpu/attention.h"

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/scratch.h"

namespace rectify::run::cpu::ops {

namespace {

/// Where the heads of all sequences are in x (.., T, 3 C), the node's i-th input.
struct Heads {
  const float* x;
  std::size_t heads, places, channels, sequences;
  bool causal;

  Heads(const Lowering& l, std::size_t i)
      : x(l.input<float>(i)),
        heads(static_cast<std::size_t>(l.node.attributes.integer("heads"))),
        causal(l.node.attributes.word("causal") == "yes") {
    const Shape& shape = l.graph.input(l.node, i).type.shape;
    places = static_cast<std::size_t>(shape[shape.rank() - 2]);
    channels = static_cast<std::size_t>(shape.back()) / 3;
    sequences = l.input_size(i) / (places * 3 * channels);
    announce_scratch(ScratchUse::attention, scratch());
  }

  std::size_t width() const { return channels / heads; }
  std::size_t scratch() const { return attention_loops().scratch(places, width()); }

  /// Calls visit(head, where it begins in x, where in the answer, scratch) for all of them.
  template <class Visit>
  void each(ThreadPool& threads, const Visit& visit) const {
    threads.run(sequences * heads, [&](std::size_t tile) {
      const std::size_t row = tile / heads * places, column = tile % heads * width();
      const std::size_t at = row * 3 * channels + column;
      const AttentionHead head{.query = x + at,
                               .key = x + at + channels,
                               .value = x + at + 2 * channels,
                               .stride = 3 * channels,
                               .answer_stride = channels,
                               .places = places,
                               .width = width(),
                               .causal = causal};
      visit(head, at, row * channels + column, scratch_of_thread(ScratchUse::attention, scratch()));
    });
  }
};

Step forward(const Lowering& l) {
  return [&threads = l.threads, heads = Heads(l, 0), y = l.output<float>()] {
    heads.each(threads, [&](const AttentionHead& h, std::size_t, std::size_t at, float* scratch) {
      attention_loops().forward(h, y + at, scratch);
    });
  };
}

Step gradient(const Lowering& l) {
  return [&threads = l.threads, heads = Heads(l, 1), dy = l.input<float>(0), y = l.input<float>(2),
          dx = l.output<float>()] {
    heads.each(threads,
               [&](const AttentionHead& h, std::size_t from, std::size_t at, float* scratch) {
                 float* const d = dx + from;
                 attention_loops().backward(h, y + at, dy + at, d, d + heads.channels,
                                            d + 2 * heads.channels, scratch);
               });
  };
}

}  // namespace

std::span<const Kernel> attention() {
  static const Kernel all[] = {{.op = "attention", .lower = forward},
                               {.op = "attention_gradient", .lower = gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
