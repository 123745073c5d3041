#pragma once

// What the tests of the text form share: when two graphs are the same network, random networks, and
// what an error must say.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"

namespace rectify::graph {

inline std::map<std::string, AttributeValue> by_name(const Attributes& attributes) {
  return {attributes.all().begin(), attributes.all().end()};
}

/// Whether two graphs are the same network.
inline testing::AssertionResult same(const Graph& a, const Graph& b) {
  if (a.size() != b.size() || a.result != b.result)
    return testing::AssertionFailure() << a.size() << " nodes against " << b.size();
  for (NodeId id = 0; id < a.size(); ++id) {
    const Node &x = a.node(id), &y = b.node(id);
    bool equal = x.op == y.op && x.inputs == y.inputs && x.label == y.label && x.type == y.type &&
                 x.stream == y.stream;
    if (equal && is_activation(x))  // a number may be there or be left to its default
      equal = &activation_row(x) == &activation_row(y) &&
              activation_parameters(x) == activation_parameters(y);
    else if (equal)
      equal = by_name(x.attributes) == by_name(y.attributes);
    if (!equal) return testing::AssertionFailure() << where(x) << " against " << where(y);
  }
  return testing::AssertionSuccess();
}

struct Wrong {
  std::string text;
  int column;  ///< that the error points at; 0 when it is about the whole
  std::vector<std::string> parts;
};

inline void expect_error(const Wrong& wrong) {
  std::string what;
  try {
    parse_model(wrong.text);
  } catch (const Error& error) {
    what = error.what();
  }
  if (wrong.column > 0) {
    EXPECT_NE(what.find(concat("column ", wrong.column, ",")), std::string::npos)
        << wrong.text << ": '" << what << "' is not about column " << wrong.column;
  }
  for (const std::string& part : wrong.parts)
    EXPECT_NE(what.find(part), std::string::npos)
        << wrong.text << ": '" << what << "' lacks \"" << part << "\"";
}

/// Numbers one after the other.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::size_t below(std::size_t bound) {
    return random_.below(drawn_++, static_cast<std::uint32_t>(bound));
  }

 private:
  Random random_;
  std::uint64_t drawn_ = 0;
};

/// A network of values that fork and meet anywhere, all of them used; a label here and there.
inline Graph random_network(std::uint64_t seed) {
  Dice dice(seed);
  Graph g = parse_model("6 : dense 6");
  std::vector<NodeId> values = {g.find("input"), g.result};
  const auto some = [&] {
    return dice.below(2) ? values.back() : values[dice.below(values.size())];
  };
  const auto label = [&] {
    return dice.below(8) ? std::string() : concat(dice.below(2) ? "x" : "add", values.size() + 50);
  };
  const std::size_t steps = 1 + dice.below(14);
  for (std::size_t i = 0; i < steps; ++i) {
    const NodeId from = some();
    Attributes attributes;
    const std::size_t which = dice.below(6);
    if (which == 0) {
      constexpr const char* rows[] = {"relu", "leaky_relu", "prelu", "rrelu"};
      attributes.set("row", std::string(rows[dice.below(4)]));
      values.push_back(add_activation(g, from, attributes, label()));
    } else if (which == 1) {
      attributes.set("units", std::int64_t{6});
      attributes.set("bias", std::string(dice.below(2) ? "yes" : "no"));
      attributes.set("init", std::string("auto"));
      attributes.set("gain", 1.0);
      values.push_back(find_operator("dense")->build(g, from, attributes, label()));
    } else if (which == 2) {
      values.push_back(g.add(dice.below(2) ? "dropout" : "softmax", {from}, {}, label()));
    } else if (which == 3 && last_extent(g, from) < 100) {
      std::vector<NodeId> inputs = {from, some()};
      if (dice.below(3) == 0) inputs.push_back(some());
      values.push_back(g.add("concat", inputs, {}, label()));
    } else {
      std::vector<NodeId> equal;
      for (const NodeId id : values)
        if (last_extent(g, id) == last_extent(g, from)) equal.push_back(id);
      const NodeId other = equal[dice.below(equal.size())];
      values.push_back(g.add(which == 4 ? "multiply" : "add", {from, other}, {}, label()));
    }
  }
  std::vector<NodeId> unused;
  for (const NodeId id : values)
    if (id != g.find("input") && g.users(id).empty()) unused.push_back(id);
  g.result = unused.size() == 1 ? unused[0] : g.add("concat", unused);
  return g;
}

/// A text of chains in chains, `deep` at most, each of 6 numbers.
inline std::string random_chain(Dice& dice, int deep) {
  constexpr const char* items[] = {"dense 6", "relu", "prelu", "dropout"};
  std::string text;
  const std::size_t count = 1 + dice.below(4);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += " | ";
    const std::size_t which = dice.below(9);
    const auto inside = [&] { return random_chain(dice, deep - 1); };
    if (deep == 0 || which < 4)
      text += items[which % 4];
    else if (which == 4)
      text += concat("gated(", inside(), ")");
    else if (which == 5)
      text += concat("residual(", inside(), " ; ", inside(), ")");
    else if (which == 6)
      text += concat("dense_block(", inside(), ") | dense 6");
    else if (which == 7)
      text += concat("repeat ", 1 + dice.below(3), " (", inside(), ")");
    else
      text += concat("residual(", inside(), ")");
  }
  return text;
}

}  // namespace rectify::graph
