// batch_norm, its statistics, the states' next values and the gradients.

#include <cmath>
#include <memory>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/run/cpu/norm/norm_steps.h"

namespace rectify::run::cpu::ops {

namespace {

float to_float(float v) { return v; }
using rectify::to_float;

template <class Number>
const ChannelLoops<Number>& channel_loops() {
  return norm_loops().channels<Number>();
}

ChannelRows rows_of(const Lowering& l, std::size_t input) {
  return {l.input_size(input), channels_of(l, input), true};
}

Step running_statistics(const Lowering& l) {
  return [mean = l.input<float>(1), variance = l.input<float>(2), y = l.output<float>(),
          n = channels_of(l, 0)] {
    std::copy_n(mean, n, y);
    std::copy_n(variance, n, y + n);
  };
}

// Moments around the batch's first row, in double precision: one pass, and exact where the channel
// is far from 0 for its deviation (Chan, Golub & LeVeque 1983).
template <class Number>
Step statistics(const Lowering& l) {
  if (!l.training) return running_statistics(l);
  const ChannelRows rows = rows_of(l, 0);
  if (rows.count() < 2)
    fail(graph::where(l.node), " has one number a channel in a batch of ", l.batch,
         ", but a variance wants 2; train with larger batches, or use layer_norm");
  return [&threads = l.threads, x = l.input<Number>(0), y = l.output<float>(), rows,
          origin = std::vector<float>(rows.width), found = ChannelSums(rows)]() mutable {
    rows.spread(origin, [&](std::size_t c) { return to_float(x[c]); });
    found.run(threads, [&](std::size_t at, std::size_t, std::size_t n, std::size_t column,
                           std::size_t columns, double* sum, double* square) {
      channel_loops<Number>().moments(x + at, origin.data() + column, sum, square, n, columns,
                                      rows.width);
    });
    const auto n = static_cast<double>(rows.count());
    for (std::size_t c = 0; c < rows.channels; ++c) {
      const double mean = found.first(c) / n, variance = found.second(c) / n - mean * mean;
      y[c] = static_cast<float>(origin[c] + mean);
      y[rows.channels + c] = static_cast<float>(variance < 0 ? 0 : variance);  // a NaN stays
    }
  };
}

/// Room for a number a column, of each thread.
std::vector<float>& thread_columns(const ChannelRows& rows) {
  thread_local std::vector<float> columns;
  columns.resize(rows.width);
  return columns;
}

bool has_places(const graph::Graph& graph, const graph::Node& node) {
  return SampleSums::fit(graph.input(node, 0).type);
}

// The same for images: each sample's moments are taken around its first place, then put together
// around the first of all.
template <class Number>
Reduction statistics_of_images(const Lowering& l) {
  if (!l.training) return {{}, running_statistics(l)};
  const auto found = std::make_shared<SampleSums>(l.graph.input(l.node, 0).type, l.batch);
  const ChannelRows rows = found->rows();
  const auto piece = [found, rows, x = l.input<Number>(0)](std::size_t first, std::size_t n) {
    std::vector<float>& origin = thread_columns(rows);
    found->run(first, n, [&](std::size_t at, double* sum, double* square) {
      rows.spread(origin, [&](std::size_t c) { return to_float(x[at + c]); });
      channel_loops<Number>().sample_moments(x + at, origin.data(), sum, square, rows.size,
                                             rows.width);
    });
  };
  const auto finish = [found, rows, x = l.input<Number>(0), y = l.output<float>()] {
    const auto places = static_cast<double>(rows.count());
    const double n = places * static_cast<double>(found->samples());
    for (std::size_t c = 0; c < rows.channels; ++c) {
      double sum = 0, square = 0;
      for (std::size_t s = 0; s < found->samples(); ++s) {
        const double away = static_cast<double>(to_float(x[s * rows.size + c])) - to_float(x[c]);
        sum += found->first(s, c) + places * away;
        square += found->second(s, c) + away * (2 * found->first(s, c) + places * away);
      }
      const double mean = sum / n, variance = square / n - mean * mean;
      y[c] = static_cast<float>(to_float(x[c]) + mean);
      y[rows.channels + c] = static_cast<float>(variance < 0 ? 0 : variance);  // a NaN stays
    }
  };
  return {piece, finish};
}

/// What elements of a channel are shifted and multiplied by, for each column of a row.
struct Columns {
  std::vector<float> mean, factor, third, fourth;

  explicit Columns(std::size_t width) : mean(width), factor(width), third(width), fourth(width) {}

  void take(const ChannelRows& rows, const float* statistics, const float* scale, double epsilon) {
    rows.spread(mean, [&](std::size_t c) { return statistics[c]; });
    norm_loops().factors(statistics + rows.channels, scale, factor.data(), rows.channels, epsilon);
    rows.spread(factor, [&](std::size_t c) { return factor[c]; });
  }
};

/// Calls work(first, n) for parts of tiles, each of whole rows, that stay in the nearest cache.
template <class Work>
void for_row_tiles(ThreadPool& threads, const ChannelRows& rows, const Work& work) {
  const std::size_t part = std::max<std::size_t>(1, part_elements / rows.width) * rows.width;
  for_rows(threads, (rows.size + rows.width - 1) / rows.width, rows.width,
           [&](std::size_t row, std::size_t n) {
             const std::size_t end = std::min((row + n) * rows.width, rows.size);
             for (std::size_t first = row * rows.width; first < end; first += part)
               work(first, std::min(part, end - first));
           });
}

template <class Number>
Step forward(const Lowering& l) {
  const ChannelRows rows = rows_of(l, 0);
  const bool affine = l.inputs.size() > 2;
  return
      [&threads = l.threads, x = l.input<Number>(0), statistics = l.input<float>(1),
       scale = affine ? l.input<float>(2) : nullptr, shift = affine ? l.input<float>(3) : nullptr,
       y = l.output<Number>(), rows, epsilon = l.node.attributes.number("epsilon"), fused = l.fused,
       by = Columns(rows.width)]() mutable {
        by.take(rows, statistics, scale, epsilon);
        rows.spread(by.third, [&](std::size_t c) { return shift ? shift[c] : 0.0f; });
        for_row_tiles(threads, rows, [&](std::size_t first, std::size_t n) {
          channel_loops<Number>().channels(x + first, by.mean.data(), by.factor.data(),
                                           by.third.data(), y + first, n, rows.width);
          fused(first, n);
        });
      };
}

Step next_mean(const Lowering& l) {
  return [state = l.input<float>(0), statistics = l.input<float>(1), y = l.output<float>(),
          n = l.output_size(), m = l.node.attributes.number("momentum")] {
    for (std::size_t c = 0; c < n; ++c)
      y[c] = static_cast<float>((1 - m) * state[c] + m * statistics[c]);
  };
}

Step next_variance(const Lowering& l) {
  const double count =
      static_cast<double>(l.batch) * static_cast<double>(l.node.attributes.integer("positions"));
  return [state = l.input<float>(0), variance = l.input<float>(1) + l.output_size(),
          y = l.output<float>(), n = l.output_size(), m = l.node.attributes.number("momentum"),
          unbiased = count / (count - 1)] {
    for (std::size_t c = 0; c < n; ++c)
      y[c] = static_cast<float>((1 - m) * state[c] + m * unbiased * variance[c]);
  };
}

template <class Number>
Step sums(const Lowering& l) {
  const ChannelRows rows = rows_of(l, 1);
  return [&threads = l.threads, dy = l.input<Number>(0), x = l.input<Number>(1),
          statistics = l.input<float>(2), y = l.output<float>(), rows,
          epsilon = l.node.attributes.number("epsilon"), mean = std::vector<float>(rows.width),
          found = ChannelSums(rows)]() mutable {
    rows.spread(mean, [&](std::size_t c) { return statistics[c]; });
    found.run(threads, [&](std::size_t at, std::size_t, std::size_t n, std::size_t column,
                           std::size_t columns, double* sum, double* product) {
      channel_loops<Number>().channel_sums(dy + at, x + at, mean.data() + column, sum, product, n,
                                           columns, rows.width);
    });
    for (std::size_t c = 0; c < rows.channels; ++c) {
      const double deviation = std::sqrt(statistics[rows.channels + c] + epsilon);
      y[c] = static_cast<float>(found.first(c));
      y[rows.channels + c] = static_cast<float>(found.second(c) / deviation);
    }
  };
}

template <class Number>
Reduction sums_of_images(const Lowering& l) {
  const auto found = std::make_shared<SampleSums>(l.graph.input(l.node, 0).type, l.batch);
  const ChannelRows rows = found->rows();
  const auto piece = [found, rows, dy = l.input<Number>(0), x = l.input<Number>(1),
                      statistics = l.input<float>(2)](std::size_t first, std::size_t n) {
    std::vector<float>& mean = thread_columns(rows);
    rows.spread(mean, [&](std::size_t c) { return statistics[c]; });
    found->run(first, n, [&](std::size_t at, double* sum, double* product) {
      channel_loops<Number>().sample_sums(dy + at, x + at, mean.data(), sum, product, rows.size,
                                          rows.width);
    });
  };
  const auto finish = [found, rows, statistics = l.input<float>(2), y = l.output<float>(),
                       epsilon = l.node.attributes.number("epsilon")] {
    for (std::size_t c = 0; c < rows.channels; ++c) {
      double sum = 0, product = 0;
      for (std::size_t s = 0; s < found->samples(); ++s) {
        sum += found->first(s, c);
        product += found->second(s, c);
      }
      y[c] = static_cast<float>(sum);
      y[rows.channels + c] =
          static_cast<float>(product / std::sqrt(statistics[rows.channels + c] + epsilon));
    }
  };
  return {piece, finish};
}

// The inputs are dy, x, the statistics, the sums and perhaps the scale. In inference the statistics
// are constants, and nothing comes through them.
template <class Number>
Step gradient(const Lowering& l) {
  const ChannelRows rows = rows_of(l, 1);
  return [&threads = l.threads, dy = l.input<Number>(0), x = l.input<Number>(1),
          statistics = l.input<float>(2), sums = l.input<float>(3),
          scale = l.inputs.size() > 4 ? l.input<float>(4) : nullptr, dx = l.output<Number>(), rows,
          epsilon = l.node.attributes.number("epsilon"), fused = l.fused,
          share = l.training ? 1 / static_cast<double>(rows.count()) : 0,
          by = Columns(rows.width)]() mutable {
    by.take(rows, statistics, scale, epsilon);
    rows.spread(by.third, [&](std::size_t c) { return static_cast<float>(share * sums[c]); });
    rows.spread(by.fourth, [&](std::size_t c) {
      const std::size_t other = rows.channels + c;
      return static_cast<float>(share * sums[other] / std::sqrt(statistics[other] + epsilon));
    });
    for_row_tiles(threads, rows, [&](std::size_t first, std::size_t n) {
      channel_loops<Number>().channels_gradient(dy + first, x + first, by.mean.data(),
                                                by.factor.data(), by.third.data(), by.fourth.data(),
                                                dx + first, n, rows.width);
      fused(first, n);
    });
  };
}

/// One of two ways, for values kept as floats and as bfloat16.
template <auto floats, auto narrow, std::size_t input>
auto by_element(const Lowering& l) {
  return l.narrow_input(input) ? narrow(l) : floats(l);
}

}  // namespace

std::span<const Kernel> batch_norm() {
  static const Kernel all[] = {
      {.op = "batch_norm",
       .lower = by_element<forward<float>, forward<bfloat16>, 0>,
       .hosts = true,
       .narrow = narrow_when<pass::Narrow::first>},
      {.op = "batch_norm_statistics",
       .lower = by_element<statistics<float>, statistics<bfloat16>, 0>,
       .reduces = has_places,
       .reduce = by_element<statistics_of_images<float>, statistics_of_images<bfloat16>, 0>,
       .narrow = narrow_when<pass::Narrow::first>},
      {.op = "running_mean", .lower = next_mean},
      {.op = "running_variance", .lower = next_variance},
      {.op = "batch_norm_sums",
       .lower = by_element<sums<float>, sums<bfloat16>, 1>,
       .reduces = has_places,
       .reduce = by_element<sums_of_images<float>, sums_of_images<bfloat16>, 1>,
       .narrow = narrow_when<pass::Narrow::second>},
      {.op = "batch_norm_gradient",
       .lower = by_element<gradient<float>, gradient<bfloat16>, 1>,
       .hosts = true,
       .narrow = narrow_when<pass::Narrow::second>},
  };
  return all;
}

}  // namespace rectify::run::cpu::ops
