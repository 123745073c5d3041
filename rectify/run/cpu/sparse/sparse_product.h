#pragma once

#include <cstdint>

#include "rectify/run/cpu/product/product.h"
#include "rectify/run/cpu/sparse/entries.h"
#include "rectify/run/cpu/sparse/loops.h"

namespace rectify::run::cpu {

/// c = a b, where terms whose factor in `a` is 0 are left out: their sums are the same but for the
/// order in which they are rounded. The factors are of floats or of bfloat16, c of floats. Where
/// most numbers of `a` are another one, as the background of images is, terms are of the difference
/// to it, and the rest is that background times the sums of b's columns. Each sum is in the order
/// of a's columns, whatever the number of threads.
class SparseProduct {
 public:
  /// As Product. With c.data null the tiles that the epilogue sees are whole rows; c is null in
  /// those of which all rows are zeros because a's are. So many rows of a share a list.
  SparseProduct(Matrix a, Matrix b, Matrix c, ThreadPool& threads,
                std::int64_t rows_a_group = cpu::rows_a_group());

  /// Whether it is faster than a dense product where a has so many entries. It depends on their
  /// number, the shapes, the instruction set and rows_a_group() alone.
  bool pays(const EntryCount& count) const;
  /// Groups the rows of a as run() wants them.
  RowGroups group(float background) const {
    return group_rows(a_, background, threads_, rows_a_group_);
  }
  const Matrix& a() const { return a_; }

  /// Whether, of a result that is not kept, the epilogue sees rows of zeros apart, as null, or
  /// among others.
  enum class Zeros { apart, among_others };

  /// Computes the product, given what group() says of a's numbers; `epilogue`, if any, sees
  /// each tile with `context`. Returns false where a number of b is not finite, or the sum of some:
  /// what is left out is then not 0, and c is of no use.
  bool run(const RowGroups& rows, Epilogue epilogue = nullptr, const void* context = nullptr,
           Zeros zeros = Zeros::apart) const;

 private:
  void share_rows();
  struct Tile;
  struct Block;
  Block block(std::int64_t k, std::int64_t panel) const;
  Matrix at(const Block& block) const;
  bool pack(const Block& block, float* to) const;
  bool pack_all(float* packed) const;
  float* place(float* packed, std::int64_t k, std::int64_t panel) const;
  std::size_t packed_floats() const;
  std::size_t sums_floats() const;
  /// Whether the blocks of a panel follow each other, not the panels of a row of blocks: the order
  /// in which b lies in memory.
  bool by_panels() const { return packs_all_ || b_.column != 1; }
  Ahead ahead_of(const Tile& tile, std::int64_t k, std::int64_t panel) const;
  bool add(const GroupedRows& entries, const Tile& tile, std::int64_t k, std::int64_t panel,
           const Ahead& ahead) const;
  bool compute(const GroupedRows& entries, const Tile& tile) const;
  void finish(const RowGroups& rows, const Tile& tile, Zeros zeros, Epilogue epilogue,
              const void* context) const;

  const RowGrouping& grouping() const { return sparse_loops().grouping(rows_a_group_); }
  std::int64_t block_floats() const { return sparse_loops().panel * (depth_ + 1); }

  Matrix a_, b_, c_;
  ThreadPool& threads_;
  std::int64_t rows_a_group_;
  std::int64_t panels_;
  std::int64_t depth_, blocks_;  ///< of b, whose blocks have at most so many rows
  std::int64_t rows_a_tile_, panels_a_tile_;
  std::int64_t packs_;  ///< how often b would be packed with one thread: what pays() counts
  bool packs_all_;      ///< before the tiles, which are many
};

}  // namespace rectify::run::cpu
