#include "rectify/run/matrix_product.h"

#include <memory>

#include "rectify/run/cpu/product/product.h"

namespace rectify::run {

MatrixProduct::MatrixProduct(const Matrix& a, const Matrix& b, const Matrix& c, ThreadPool& threads)
    : run_([product = std::make_shared<const cpu::Product>(a, b, c, threads)] { product->run(); }) {
}

}  // namespace rectify::run
