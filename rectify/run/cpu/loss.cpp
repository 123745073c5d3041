#include "rectify/run/cpu/loss.h"

namespace rectify::run::cpu {

namespace {

constexpr std::int64_t rows_a_tile = 32;

/// Reads a batch of (prediction, target) pairs.
struct Pairs {
  const float* z;
  const std::int32_t* labels;  ///< null where targets are numbers
  const float* values;         ///< null where targets are classes
  const float* weights;        ///< factors on the rows' losses; null: all are 1
  std::int64_t rows, outputs;
  float smoothing;

  explicit Pairs(const Lowering& l)
      : z(l.input<float>(0)),
        labels(has_classes(l) ? l.input<std::int32_t>(1) : nullptr),
        values(has_classes(l) ? nullptr : l.input<float>(1)),
        weights(l.node.inputs.size() > 2 ? l.input<float>(2) : nullptr),
        rows(static_cast<std::int64_t>(l.input_size(0)) /
             graph::last_extent(l.graph, l.node.inputs[0])),
        outputs(graph::last_extent(l.graph, l.node.inputs[0])),
        smoothing(l.node.attributes.has("smoothing")
                      ? static_cast<float>(l.node.attributes.number("smoothing"))
                      : 0.0f) {}

  Sample operator[](std::int64_t i) const {
    return {.z = z + i * outputs,
            .outputs = outputs,
            .label = labels ? labels[i] : 0,
            .values = values ? values + i * outputs : nullptr,
            .smoothing = smoothing};
  }

  float weight(std::int64_t i) const { return weights ? weights[i] : 1.0f; }

  std::size_t tiles() const {
    return static_cast<std::size_t>((rows + rows_a_tile - 1) / rows_a_tile);
  }
  template <class Visit>
  void each_in(std::size_t tile, const Visit& visit) const {
    const std::int64_t first = static_cast<std::int64_t>(tile) * rows_a_tile;
    for (std::int64_t i = first; i < std::min(first + rows_a_tile, rows); ++i) visit(i);
  }

 private:
  static bool has_classes(const Lowering& l) { return l.inputs[1].element == Element::int32; }
};

}  // namespace

Step loss_step(const Lowering& l, SampleLoss loss) {
  const Pairs pairs(l);
  return [pairs, loss, &threads = l.threads, value = l.output<float>(),
          sums = std::vector<double>(pairs.tiles())]() mutable {
    threads.run(sums.size(), [&](std::size_t tile) {
      sums[tile] = 0;
      pairs.each_in(tile, [&](std::int64_t i) { sums[tile] += pairs.weight(i) * loss(pairs[i]); });
    });
    double sum = 0;
    for (const double part : sums) sum += part;
    *value = static_cast<float>(sum / static_cast<double>(pairs.rows));
  };
}

Step loss_gradient_step(const Lowering& l, SampleGradient gradient) {
  const Pairs pairs(l);
  return [pairs, gradient, &threads = l.threads, dz = l.output<float>()] {
    const float scale = 1.0f / static_cast<float>(pairs.rows);
    threads.run(pairs.tiles(), [&](std::size_t tile) {
      pairs.each_in(tile, [&](std::int64_t i) {
        gradient(pairs[i], scale * pairs.weight(i), dz + i * pairs.outputs);
      });
    });
  };
}

}  // namespace rectify::run::cpu
