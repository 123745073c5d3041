#include "rectify/graph/curvature.h"

#include "rectify/base/error.h"

namespace rectify::graph {

Curvature curvature_of(std::string_view row) {
  for (const std::string_view straight : {"relu", "leaky_relu", "identity"})
    if (row == straight) return Curvature::none;
  if (row == "sigmoid") return Curvature::sigmoid;
  if (row == "tanh") return Curvature::tanh;
  if (row == "softplus") return Curvature::softplus;
  fail("the contractive penalty needs the second derivative of ", row,
       ", which it does not know; take sigmoid, tanh, softplus, relu, leaky_relu or identity");
}

}  // namespace rectify::graph
