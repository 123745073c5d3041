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
#include "rectify/run/backend.h"
#include "rectify/run/step.h"
#include "rectify/run/storage.h"

namespace rectify::run::cpu {

/// Computes elements [first, first + count) of a value, each from the same element of its inputs.
using Piece = std::function<void(std::size_t first, std::size_t count)>;

/// The operators that are fused with a node: each is computed for a part of the node's value while
/// that part is in cache.
struct FusedOps {
  std::vector<Piece> pieces;  ///< one after the other
  /// Values that they read and write besides the node's, each of as many elements: a kernel may
  /// prefetch their parts.
  std::vector<Storage> beside;

  /// Computes what there is to do when elements [first, first + count) of the value are there.
  void operator()(std::size_t first, std::size_t count) const {
    for (const Piece& piece : pieces) piece(first, count);
  }
};

/// Everything a kernel may know when a node is made into a step.
struct Lowering : Operation {
  FusedOps fused = {};
};

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
  bool hosts = false;          ///< whether it calls fused operators
  bool whole_samples = false;  ///< whether it calls them for parts of whole samples
  /// For the nodes of which `reduces` says so, in place of `lower`.
  bool (*reduces)(const graph::Graph& graph, const graph::Node& node) = nullptr;
  Reduction (*reduce)(const Lowering& lowering) = nullptr;
  /// What computes it, for people; null: loops of our own.
  std::string_view (*implementation)(const Lowering& lowering) = nullptr;
  /// Whether its value may be mostly zeros, so that they are worth counting; null: it is not.
  bool (*sparse)(const graph::Graph& graph, const graph::Node& node) = nullptr;
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

/// Calls work(first, count) for tiles of [0, extent), cut by the two numbers alone: about `part`
/// each, in pairs so that two threads have the same to do, or 1 for little work.
template <class Work>
void for_parts(ThreadPool& threads, std::int64_t extent, std::int64_t other, std::int64_t part,
               const Work& work) {
  constexpr std::int64_t least_elements_to_share = 1 << 16, lanes = 16;
  std::int64_t parts = (extent + part - 1) / part;
  parts = extent * other < least_elements_to_share ? 1 : parts + parts % 2;
  const std::int64_t vectors = (extent + lanes - 1) / lanes;
  threads.run(static_cast<std::size_t>(parts), [&](std::size_t i) {
    const std::int64_t first = vectors * static_cast<std::int64_t>(i) / parts * lanes;
    const std::int64_t end =
        std::min(extent, vectors * (static_cast<std::int64_t>(i) + 1) / parts * lanes);
    if (first < end) work(first, end - first);
  });
}

}  // namespace rectify::run::cpu
