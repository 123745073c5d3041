// block_mean, block_sample (graph/ops/blocks.cpp), over tiles of rows of blocks. A block and
// channel has one random number, addressed by (seed, the node's stream, step, number of the block).

#include <vector>

#include "rectify/base/instruction_set.h"
#include "rectify/run/cpu/block_loops.h"
#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/dropout_mask.h"

namespace rectify::run::cpu {

RECTIFY_CHOOSE_BY_ISA(BlockLoops, block_loops)

namespace ops {

namespace {

/// Where the blocks of a value lie.
struct Blocks {
  BlockSize block;
  std::size_t across;  ///< blocks of a row of blocks
  std::size_t rows;    ///< of blocks, of all samples

  explicit Blocks(const Lowering& l) {
    const Shape& image = l.node.type.shape;
    const auto size = static_cast<std::size_t>(l.node.attributes.integer("size"));
    const auto width = static_cast<std::size_t>(image[1]);
    const auto channels = static_cast<std::size_t>(image[2]);
    block = {.size = size, .row = width * channels, .channels = channels};
    across = width / size;
    rows = l.output_size() / (size * block.row);
  }
  std::size_t row_elements() const { return block.size * block.row; }
  std::size_t offset(std::size_t row, std::size_t column) const {
    return row * row_elements() + column * block.size * block.channels;
  }
};

Step mean(const Lowering& l) {
  return [&threads = l.threads, x = l.input<float>(0), y = l.output<float>(), b = Blocks(l)] {
    for_rows(threads, b.rows, b.row_elements(), [&](std::size_t first, std::size_t count) {
      for (std::size_t row = first; row < first + count; ++row)
        for (std::size_t column = 0; column < b.across; ++column) {
          const std::size_t at = b.offset(row, column);
          block_loops().mean(b.block, x + at, y + at);
        }
    });
  };
}

Step sample(const Lowering& l) {
  const Blocks b(l);
  const std::size_t a_row = (b.across * b.block.channels + 3) / 4 * 4;  // random numbers
  return [&threads = l.threads, &state = l.state, x = l.input<float>(0), y = l.output<float>(), b,
          a_row, stream = node_stream(l.node.stream),
          drawn = std::vector(static_cast<std::size_t>(l.threads.threads()),
                              std::vector<float>(a_row))]() mutable {
    for_rows(threads, b.rows, b.row_elements(),
             [&](std::size_t first, std::size_t count, std::size_t thread) {
               float* const u = drawn[thread].data();
               for (std::size_t row = first; row < first + count; ++row) {
                 loops().uniform(u, row * a_row, a_row, state.seed, stream, state.step, 0, 1);
                 for (std::size_t column = 0; column < b.across; ++column) {
                   const std::size_t at = b.offset(row, column);
                   block_loops().sample(b.block, x + at, u + column * b.block.channels, y + at);
                 }
               }
             });
  };
}

}  // namespace

std::span<const Kernel> blocks() {
  static const Kernel all[] = {{.op = "block_mean", .lower = mean},
                               {.op = "block_sample", .lower = sample}};
  return all;
}

}  // namespace ops

}  // namespace rectify::run::cpu
