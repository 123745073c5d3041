#include "rectify/graph/sequence.h"

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph {

SequenceSizes sequence_sizes(const Graph& graph, const Node& node, std::int64_t gates,
                             std::size_t states) {
  check_joined(node, 4 + states, 4 + states);
  const auto shape = [&](std::size_t i) { return graph.input(node, i).type.shape; };
  const auto want = [&](std::size_t i, const Shape& wanted) {
    if (shape(i) != wanted)
      fail(where(node), " wants ", wanted.text(), " as input ", i, " but '",
           graph.input(node, i).label, "' gives ", shape(i).text());
  };
  if (shape(0).rank() != 3 || shape(2).rank() != 3)
    fail(where(node), " wants places x sequences x numbers and weights of three axes, not ",
         shape(0).text(), " and ", shape(2).text());
  const SequenceSizes s{shape(0)[0], shape(0)[1], shape(0)[2], shape(2)[0], shape(2)[2]};
  want(1, {s.directions, gates * s.units, s.inputs});
  want(2, {s.directions, gates * s.units, s.units});
  want(3, {s.directions, 2 * gates * s.units});
  for (std::size_t i = 0; i < states; ++i) want(4 + i, {s.directions, s.sequences, s.units});
  if (s.directions > 2) fail(where(node), " has ", s.directions, " directions; 1 or 2 there are");
  return s;
}

}  // namespace rectify::graph
