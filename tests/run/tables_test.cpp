#include <gtest/gtest.h>

#include <set>

#include "rectify/graph/operator.h"
#include "rectify/run/cpu/kernel.h"
#include "tests/reference/reference.h"

namespace rectify::run {
namespace {

TEST(Tables, EveryOperatorHasAKernelAndAReference) {
  std::multiset<std::string_view> kernels, loops;
  for (const cpu::Kernel* kernel : cpu::kernels()) kernels.insert(kernel->op);
  for (const reference::Loop* loop : reference::loops()) loops.insert(loop->op);
  std::size_t computed = 0;
  for (const graph::Operator* op : graph::operators()) {
    if (op->given) continue;
    ++computed;
    EXPECT_EQ(kernels.count(op->name), 1u) << op->name;
    EXPECT_EQ(loops.count(op->name), 1u) << op->name;
  }
  EXPECT_GE(computed, 15u);
  EXPECT_EQ(kernels.size(), computed) << "a kernel is there for no operator";
  EXPECT_EQ(loops.size(), computed) << "a reference is there for no operator";
}

TEST(Tables, OperatorsHaveDifferentNamesAndAShapeRule) {
  std::set<std::string_view> names;
  for (const graph::Operator* op : graph::operators()) {
    EXPECT_TRUE(names.insert(op->name).second) << op->name;
    EXPECT_NE(op->infer, nullptr) << op->name;
    EXPECT_FALSE(op->summary.empty()) << op->name;
    EXPECT_EQ(graph::find_operator(op->name), op);
  }
}

}  // namespace
}  // namespace rectify::run
