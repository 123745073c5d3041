// The ONNX project's own tests of its operators, of the Debian package libonnx-testdata: each is a
// model, inputs and outputs. Their values have no batch, so axis 0 is taken for it; what is no
// input of a network here, such as weights, is made an initialiser. What is not mapped is counted,
// what gives other numbers fails.

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>

#include "rectify/base/file.h"
#include "rectify/onnx/constant.h"
#include "tests/onnx/networks.h"

namespace rectify::onnx {
namespace {

namespace fs = std::filesystem;

const fs::path root = "/usr/share/libonnx-testdata/data";
constexpr int least_passed = 640;

enum class Outcome { passed, failed, not_mapped };

struct Case {
  pb::ModelProto model;
  std::vector<pb::TensorProto> inputs, outputs;
};

template <class Message>
Message parsed(const fs::path& path) {
  Message message;
  if (!message.ParseFromString(read_file(path))) fail("cannot parse ", path.string());
  return message;
}

Case case_in(const fs::path& folder) {
  Case found{.model = parsed<pb::ModelProto>(folder / "model.onnx")};
  const auto read = [&](const char* stem, std::vector<pb::TensorProto>& into) {
    for (int i = 0;; ++i) {
      const fs::path file = folder / "test_data_set_0" / (stem + std::to_string(i) + ".pb");
      if (!fs::exists(file)) return;
      into.push_back(parsed<pb::TensorProto>(file));
    }
  };
  read("input_", found.inputs);
  read("output_", found.outputs);
  return found;
}

bool near(const std::vector<float>& got, const std::vector<float>& want) {
  if (got.size() != want.size()) return false;
  for (std::size_t i = 0; i < got.size(); ++i)
    if (!(std::abs(got[i] - want[i]) <= 1e-6 + 1e-4 * std::abs(want[i])) && got[i] != want[i] &&
        !(std::isnan(got[i]) && std::isnan(want[i])))
      return false;
  return true;
}

/// With the inputs `computed` of the network, and the others as initialisers. Throws Unmapped.
bool passes(const Case& c, const std::set<int>& computed) {
  pb::ModelProto model = c.model;
  std::vector<Constant> given;
  for (int i = 0; i < static_cast<int>(c.inputs.size()); ++i) {
    const pb::TensorProto& tensor = c.inputs[static_cast<std::size_t>(i)];
    if (computed.contains(i)) {
      given.push_back(constant_of(tensor, "an input", {}));
      continue;
    }
    pb::TensorProto& initial = *model.mutable_graph()->add_initializer();
    initial = tensor;
    initial.set_name(model.graph().input(i).name());
  }
  const Network network = decode(model.SerializeAsString(), "model");
  // In the general way a sample is all inputs, one after the other; they may have no batch.
  const bool joined = network.inputs.size() < given.size();
  if (joined) {
    Constant all;
    for (const Constant& one : given) {
      const std::vector<float> numbers = one.as_floats();
      all.floats.insert(all.floats.end(), numbers.begin(), numbers.end());
    }
    all.extents = {static_cast<std::int64_t>(all.floats.size())};
    given = {all};
  }
  const std::int64_t batch = given[0].size() / network.inputs[0].size();
  if (batch < 1) throw Unmapped("the numbers that are given are none");
  std::vector<std::vector<float>> samples;
  for (std::size_t k = 0; k < given.size(); ++k) {
    const std::vector<std::int64_t> order = order_of(network.inputs[k]);
    const std::vector<float> from = given[k].as_floats();
    std::vector<float> to(from.size());
    for (std::size_t i = 0; i < from.size(); ++i)
      to[i / order.size() * order.size() + static_cast<std::size_t>(order[i % order.size()])] =
          from[i];
    samples.push_back(std::move(to));
  }
  const std::vector<float> ours = answers(network, samples, batch);
  const std::vector<std::int64_t> order = order_of(network.answer);
  std::vector<float> got(ours.size());
  for (std::size_t i = 0; i < got.size(); ++i)
    got[i] =
        ours[i / order.size() * order.size() + static_cast<std::size_t>(order[i % order.size()])];
  const Constant want = constant_of(c.outputs.at(0), "an output", {});
  std::vector<std::int64_t> extents = network.answer.extents(), wanted = want.extents;
  extents.insert(extents.begin(), batch);
  std::erase(extents, 1);  // a batch of 1 may or may not be an axis in the general way
  std::erase(wanted, 1);
  return wanted == extents && near(got, want.as_floats());
}

Outcome outcome_of(const Case& c, std::string& why) {
  std::vector<std::set<int>> ways(1);
  const int inputs = static_cast<int>(c.inputs.size());
  for (int i = 0; i < inputs; ++i) ways[0].insert(i);
  for (int i = 0; i < inputs && inputs > 1; ++i) ways.push_back({i});
  for (const auto& info : c.model.graph().input())
    if (!info.type().has_tensor_type()) return Outcome::not_mapped;  // a list, or perhaps nothing
  for (const auto& info : c.model.graph().output())
    if (!info.type().has_tensor_type()) return Outcome::not_mapped;
  if (inputs == 0 || c.outputs.size() != 1) return Outcome::not_mapped;
  for (const std::set<int>& way : ways) {
    try {
      if (passes(c, way)) return Outcome::passed;
      why = "other numbers";
      return Outcome::failed;
    } catch (const Unmapped& error) {
      why = error.what();
    }
  }
  return Outcome::not_mapped;
}

using Counts = std::array<int, 3>;

void run(const fs::path& folder, std::map<std::string, Counts>& table, Counts& all) {
  std::string why;
  Outcome outcome = Outcome::not_mapped;
  std::string op = "(several)";
  try {
    const Case c = case_in(folder);
    if (c.model.graph().node_size() == 1) op = c.model.graph().node(0).op_type();
    outcome = outcome_of(c, why);
  } catch (const std::exception& error) {
    outcome = Outcome::failed;
    why = error.what();
  }
  ++table[op][static_cast<std::size_t>(outcome)];
  ++all[static_cast<std::size_t>(outcome)];
  if (outcome == Outcome::failed) ADD_FAILURE() << folder.filename() << ": " << why;
  if (std::getenv("RECTIFY_ONNX_WHY"))
    std::printf("%s: %d %s\n", folder.filename().c_str(), static_cast<int>(outcome), why.c_str());
}

TEST(Conformance, GivesTheNumbersOfOnnxsOwnTests) {
  if (!fs::is_directory(root)) GTEST_SKIP() << "libonnx-testdata is not installed";
  std::map<std::string, Counts> table;
  Counts all{};
  for (const char* kind : {"node", "simple", "pytorch-operator", "pytorch-converted"})
    if (fs::is_directory(root / kind))
      for (const auto& entry : fs::directory_iterator(root / kind))
        if (fs::exists(entry.path() / "model.onnx")) run(entry.path(), table, all);
  std::printf("%-28s %7s %7s %11s\n", "operator", "passed", "failed", "not mapped");
  const auto line = [](const std::string& name, const Counts& c) {
    std::printf("%-28s %7d %7d %11d\n", name.c_str(), c[0], c[1], c[2]);
  };
  for (const auto& [op, counts] : table) line(op, counts);
  line("all", all);
  EXPECT_EQ(all[1], 0);
  EXPECT_GE(all[0], least_passed);
}

}  // namespace
}  // namespace rectify::onnx
