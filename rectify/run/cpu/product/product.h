#pragma once

#include <cstdint>
#include <memory>

#include "rectify/base/thread_pool.h"
#include "rectify/run/matrix_product.h"

namespace rectify::run::cpu {

/// Whether oneDNN computes with bfloat16 here at all, be it slower than with floats.
bool can_compute_bfloat16();
/// Whether its products of bfloat16 are AMX's, so much faster that fewer of floats do not help.
bool has_amx_products();
/// Time that a multiply-add of bfloat16 takes beside one of floats: measured where the processor
/// has instructions for it (docs/decisions/0025).
double bfloat16_work();

/// A part of a product's result: rows x columns floats at `c`, `stride` from row to row, of which
/// the first is the result's (first_row, first_column).
struct ResultTile {
  float* c;  ///< null: all zeros, of a SparseProduct whose result is only seen by the epilogue
  std::int64_t rows, columns, stride;
  std::int64_t first_row, first_column;
};

/// What is done to a tile of the result right after it was computed, while it is in cache.
using Epilogue = void (*)(const void* context, const ResultTile& tile);

/// The side of the result that is cut into tiles: columns where the right factor is large (a
/// layer's weights), rows where the result itself is (their gradient).
enum class Cut { columns, rows };

/// c = a b, prepared once for given shapes and addresses. The work is cut into tiles by the shape
/// alone, each tile is one single-threaded oneDNN primitive, so that the result is the same bits
/// for any number of threads (docs/architecture.md).
class Product {
 public:
  /// With c.data null, the result is only ever seen by the epilogue, tile by tile; such a tile has
  /// no gaps between its rows.
  Product(Matrix a, Matrix b, Matrix c, ThreadPool& threads, Cut cut = Cut::columns);
  ~Product();
  Product(Product&&) noexcept;

  /// Computes the product; `epilogue`, if any, sees each tile with `context`.
  void run(Epilogue epilogue = nullptr, const void* context = nullptr) const;

 private:
  struct Tiles;
  std::unique_ptr<Tiles> tiles_;
};

/// c += a b of floats, on the calling thread alone; the rows of each, or of a or b transposed, have
/// no step between their elements. For products so small that preparing them would cost more.
void multiply_add(const Matrix& a, const Matrix& b, const Matrix& c);

}  // namespace rectify::run::cpu
