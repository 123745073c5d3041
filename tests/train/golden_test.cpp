// Ten steps of training beside PyTorch's, in double precision: every tests/golden/NAME.safetensors
// for a network of the zoo. tests/golden/make_torch.py says what stands in them.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/graph/zoo.h"
#include "rectify/model/loss.h"
#include "rectify/model/model.h"
#include "rectify/model/safetensors.h"
#include "rectify/pass/advance.h"
#include "rectify/pass/differentiate.h"
#include "rectify/run/plan.h"
#include "rectify/train/initialise.h"
#include "rectify/train/optimise/optimiser.h"

namespace rectify::train {
namespace {

/// How far single precision may be off: an element of a gradient from the norm of its tensor; after
/// steps a loss, from itself, and a state, from the largest of its tensor. Steps are further off
/// because a rectifier's input so near to 0 that rounding decides its sign changes a gradient by
/// more than rounding does. PyTorch's single precision is off as far (make_torch.py prints it).
constexpr double gradient_tolerance = 1e-4, tolerance = 2e-3;

/// The formula of make_torch.py, `numbers`.
double number(const std::string& name, std::uint32_t i) {
  std::uint32_t salt = 2166136261u;
  for (const char byte : name) salt = (salt ^ static_cast<unsigned char>(byte)) * 16777619u;
  std::uint32_t h = (i + 1) * 2654435761u + salt;
  h = (h ^ h >> 16) * 73244475u;
  h = (h ^ h >> 16) * 73244475u;
  return ((h >> 20) - 2047.5) / 2048;
}

/// A network at its initial weights, its loss and its gradients, over the batch of the file.
struct Golden {
  std::string name;
  model::TensorFile file;
  model::Model model;
  graph::Graph training = model.graph;
  graph::NodeId loss = model::add_loss(training, "softmax_cross_entropy", true);
  pass::ParameterGradients gradient_of = pass::differentiate(training, {loss});
  graph::NextStates next_states = pass::advance(training);
  Buffer gradients{model.layout.floats()};
  ThreadPool threads{2};
  std::unique_ptr<run::Plan> plan;

  explicit Golden(const std::filesystem::path& path)
      : name(path.stem()), file(model::load(path)), model(graph::network_text(name)) {
    // States, above all.
    initialise(model.graph, model.layout, 1, "auto", threads, model.parameters.data());
    for (const run::ParameterSlot& slot : model.layout.slots()) {
      if (slot.state) continue;
      const std::vector<float>& initial = numbers("initial/" + slot.label);
      for (std::size_t i = 0; i < slot.size; ++i)
        model.parameters.data()[slot.offset + i] =
            static_cast<float>(initial.at(0) + initial.at(1) * number(slot.label, i));
    }
    make_plan(false);
  }

  const std::vector<float>& numbers(const std::string& key) const {
    return file.tensors.at(key).values;
  }

  void make_plan(bool winograd) {
    run::PlanOptions options{.batch = static_cast<std::int64_t>(numbers("samples")[0]),
                             .training = true,
                             .keep = {loss},
                             .winograd = winograd};
    for (const run::ParameterSlot& slot : model.layout.slots())
      if (!slot.state) options.bound[gradient_of.at(slot.node)] = gradients.data() + slot.offset;
    for (const auto& [state, next] : next_states) options.keep.insert(next);
    const auto batch = static_cast<std::size_t>(options.batch);
    plan = std::make_unique<run::Plan>(training, model.layout, model.parameters.data(), threads,
                                       std::move(options));
    const graph::NodeId input = training.find("input");
    const std::size_t features = static_cast<std::size_t>(training.node(input).type.shape.size());
    const auto ids = static_cast<double>(graph::ids_of(training));
    for (std::size_t i = 0; i < batch * features; ++i) {
      const double n = number("input", static_cast<std::uint32_t>(i));
      plan->input(input)[i] = static_cast<float>(ids > 0 ? std::floor((n + 1) / 2 * ids) : 2 * n);
    }
    const graph::NodeId target = training.find("target");
    const auto answers = static_cast<std::size_t>(training.node(target).type.size(plan->batch()));
    const auto classes = static_cast<std::size_t>(graph::last_extent(training, training.result));
    for (std::size_t i = 0; i < answers; ++i)
      plan->labels(target)[i] = static_cast<std::int32_t>((7 * i + 3) % classes);
  }

  /// The loss before it.
  double step(Optimiser& optimiser) {
    plan->run({});
    const double before = plan->value(loss)[0];
    optimiser.step(model.parameters.data(), gradients.data(), numbers("rate")[0], 1);
    for (const auto& [state, next] : next_states)
      std::ranges::copy(plan->value(next),
                        model.parameters.data() + model.layout.slot_of(state).offset);
    return before;
  }

  std::vector<double> losses() {
    const Options options{.optimizer = "sgd", .weight_decay = 0};
    Optimiser optimiser(options, model.layout, threads);
    std::vector<double> all;
    for (std::size_t i = 0; i < numbers("losses").size(); ++i) all.push_back(step(optimiser));
    return all;
  }
};

class GoldenTest : public testing::TestWithParam<std::string> {
 protected:
  Golden golden_{std::filesystem::path(RECTIFY_SOURCE_DIR) / "tests/golden" / GetParam()};
};

TEST_P(GoldenTest, HasPyTorchsLossesForTenStepsAndItsStatesThen) {
  const std::vector<double> losses = golden_.losses();
  const std::vector<float>& want = golden_.numbers("losses");
  ASSERT_EQ(want.size(), 10u);
  for (std::size_t i = 0; i < want.size(); ++i)
    EXPECT_NEAR(losses[i], want[i], tolerance * want[i]) << "step " << i;
  for (const run::ParameterSlot& slot : golden_.model.layout.slots()) {
    if (!slot.state) continue;
    const std::vector<float>& states = golden_.numbers("state/" + slot.label);
    ASSERT_EQ(states.size(), slot.size);
    const double largest = *std::ranges::max_element(states);
    for (std::size_t i = 0; i < slot.size; ++i)
      EXPECT_NEAR(golden_.model.parameters.data()[slot.offset + i], states[i], tolerance * largest)
          << slot.label << ' ' << i;
  }
}

TEST_P(GoldenTest, HasPyTorchsLossesByWinogradsAlgorithmToo) {
  golden_.make_plan(true);
  const std::vector<double> losses = golden_.losses();
  const std::vector<float>& want = golden_.numbers("losses");
  for (std::size_t i = 0; i < want.size(); ++i)
    EXPECT_NEAR(losses[i], want[i], tolerance * want[i]) << "step " << i;
}

TEST_P(GoldenTest, HasPyTorchsGradientsOfAllParameters) {
  golden_.plan->run({});
  for (const run::ParameterSlot& slot : golden_.model.layout.slots()) {
    if (slot.state) continue;
    const float* const g = golden_.gradients.data() + slot.offset;
    const std::vector<float>& measures = golden_.numbers("measures/" + slot.label);
    double squares = 0, product = 0;
    for (std::size_t i = 0; i < slot.size; ++i) {
      squares += static_cast<double>(g[i]) * g[i];
      product += g[i] * number(slot.label + ".measure", i);
    }
    const double near = gradient_tolerance * measures[0];
    EXPECT_NEAR(std::sqrt(squares), measures[0], near) << slot.label;
    EXPECT_NEAR(product, measures[1], near) << slot.label;
    const std::vector<float>& sampled = golden_.numbers("sampled/" + slot.label);
    const std::size_t every = slot.size / 200 + 1;
    ASSERT_EQ(sampled.size(), (slot.size + every - 1) / every) << slot.label;
    for (std::size_t i = 0; i < sampled.size(); ++i)
      EXPECT_NEAR(g[i * every], sampled[i], near) << slot.label << ' ' << i * every;
  }
}

// What the tests above would not see if they were blind: a rate that is a hundredth off.
TEST_P(GoldenTest, SeesASmallFault) {
  golden_.file.tensors.at("rate").values[0] *= 1.01f;
  const std::vector<double> losses = golden_.losses();
  const std::vector<float>& want = golden_.numbers("losses");
  EXPECT_GT(std::abs(losses.back() - want.back()), tolerance * want.back());
}

std::vector<std::string> files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(RECTIFY_SOURCE_DIR) / "tests/golden"))
    if (entry.path().extension() == ".safetensors") names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Networks, GoldenTest, testing::ValuesIn(files()), [](const auto& name) {
  return std::filesystem::path(name.param).stem().string();
});

}  // namespace
}  // namespace rectify::train
