#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "rectify/base/bfloat16.h"
#include "rectify/base/instruction_set.h"
#include "rectify/base/thread_pool.h"
#include "rectify/graph/operator.h"
#include "rectify/pass/precision.h"
#include "rectify/run/plan.h"

namespace rectify::run::cpu {

/// Computes elements [first, first + count) of a value, each from the same element of its inputs.
using Piece = std::function<void(std::size_t first, std::size_t count)>;

/// A value of as many elements as another.
struct Beside {
  const float* values;
  Element element;
};

/// What is computed along with a value while its parts are in cache.
struct Riders {
  std::vector<Piece> pieces;   ///< one after the other
  std::vector<Beside> beside;  ///< what they read and write besides it: a host may ask for it ahead

  /// Does what there is to do when elements [first, first + count) of the value are there.
  void operator()(std::size_t first, std::size_t count) const {
    for (const Piece& piece : pieces) piece(first, count);
  }
};

/// Everything a kernel may know when a node is made into a step.
struct Lowering {
  const graph::Graph& graph;
  const graph::Node& node;
  std::int64_t batch;
  bool training;
  bool winograd;  ///< whether convolutions may be computed so
  ThreadPool& threads;
  const RunState& state;  ///< read when the step runs
  std::vector<float*> inputs;
  float* output;  ///< null where there is a sink; of other elements where the node's type says so
  const GradientSink* sink = nullptr;
  Riders riders = {};

  /// Elements of the i-th input, of the value, for the whole batch.
  std::size_t input_size(std::size_t i) const {
    return static_cast<std::size_t>(graph.input(node, i).type.size(batch));
  }
  std::size_t output_size() const { return static_cast<std::size_t>(node.type.size(batch)); }
  /// Whether the i-th input is kept as bfloat16.
  bool narrow_input(std::size_t i) const {
    return graph.input(node, i).type.element == Element::bfloat16;
  }
};

/// The numbers at an address: floats, or bfloat16 where values are kept as these.
template <class Number>
Number* numbers(float* values) {
  return reinterpret_cast<Number*>(values);
}

using Step = std::function<void()>;

/// A value that is a sum over the elements of its first input: what to do with each part of whole
/// samples, in any order, and what to do in the end.
struct Reduction {
  Piece piece;  ///< of the input's elements; may be empty
  Step finish;
};

/// One way to compute an operator: as a whole, or, where it is element-wise, by pieces.
struct Kernel {
  std::string_view op;
  Step (*lower)(const Lowering& lowering) = nullptr;  ///< an empty step: nothing needs to be done
  Piece (*piece)(const Lowering& lowering) = nullptr;
  bool sinks = false;          ///< whether it can hand its value to a sink, part by part
  bool hosts = false;          ///< whether it calls riders
  bool whole_samples = false;  ///< whether it calls them for parts of whole samples
  /// For the nodes of which `reduces` says so, in place of `lower`.
  bool (*reduces)(const graph::Graph& graph, const graph::Node& node) = nullptr;
  Reduction (*reduce)(const Lowering& lowering) = nullptr;
  /// What computes it, for people; null: loops of our own.
  std::string_view (*implementation)(const Lowering& lowering) = nullptr;
  /// When it takes bfloat16 in place of floats; null: never.
  pass::Narrow (*narrow)(const graph::Graph& graph, const graph::Node& node) = nullptr;
};

/// What Kernel::narrow says of kernels that it holds for whatever the node.
template <pass::Narrow when>
constexpr pass::Narrow narrow_when(const graph::Graph&, const graph::Node&) {
  return when;
}

/// "oneDNN"; for loops of our own, the instruction set.
inline std::string_view implementation(const Kernel& kernel, const Lowering& lowering) {
  return kernel.implementation ? kernel.implementation(lowering) : instruction_set();
}

/// All kernels: those of every file in run/cpu/ops/ (the build collects them).
std::span<const Kernel* const> kernels();

/// Elements in a tile of element-wise work: enough to pay for handing it out, few enough to
/// balance.
inline constexpr std::size_t tile_elements = 16384;

/// Elements of several values that stay in the nearest cache from one loop to the next.
inline constexpr std::size_t part_elements = 2048;

/// Calls work(first, count) for tiles of [0, size), whose bounds depend on `size` alone.
template <class Work>
void for_elements(ThreadPool& threads, std::size_t size, Work&& work) {
  threads.run((size + tile_elements - 1) / tile_elements, [&](std::size_t tile) {
    const std::size_t first = tile * tile_elements;
    work(first, std::min(tile_elements, size - first));
  });
}

/// Calls work(first, count), or work(first, count, thread), for tiles of whole rows of [0, rows),
/// each of `width` elements; the tiles' bounds depend on these two alone.
template <class Work>
void for_rows(ThreadPool& threads, std::size_t rows, std::size_t width, Work&& work) {
  const std::size_t a_tile = std::max<std::size_t>(1, tile_elements / width);
  threads.run((rows + a_tile - 1) / a_tile, [&](std::size_t tile, std::size_t thread) {
    const std::size_t first = tile * a_tile, count = std::min(a_tile, rows - first);
    if constexpr (std::is_invocable_v<Work, std::size_t, std::size_t, std::size_t>)
      work(first, count, thread);
    else
      work(first, count);
  });
}

/// The largest |x[i]|; a NaN if there is one. `x` has elements of that kind.
float largest_magnitude(const float* x, Element element, std::size_t size, ThreadPool& threads);

}  // namespace rectify::run::cpu
