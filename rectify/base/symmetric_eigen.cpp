#include "rectify/base/symmetric_eigen.h"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

namespace rectify {

namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Index index(std::size_t i) { return static_cast<Eigen::Index>(i); }

}  // namespace

SymmetricEigen symmetric_eigen(std::span<const double> matrix, std::size_t size) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(
      Eigen::Map<const Eigen::MatrixXd>(matrix.data(), index(size), index(size)));
  const double *const values = solver.eigenvalues().data(), *const axes =
                                                                solver.eigenvectors().data();
  return {{values, values + size}, {axes, axes + size * size}};
}

void add_moments(std::span<const double> rows, std::size_t size, double* sum) {
  const Eigen::Map<const Rows> read(rows.data(), index(rows.size() / size), index(size));
  Eigen::Map<Eigen::MatrixXd>(sum, index(size), index(size)).noalias() += read.transpose() * read;
}

}  // namespace rectify
