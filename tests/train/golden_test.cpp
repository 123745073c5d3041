// Ten steps of training beside PyTorch's, in double precision: every tests/golden/NAME.safetensors
// for a network of the zoo. tests/golden/make_torch.py says what stands in them.
//
// Of some hundred thousand inputs of rectifiers, a few are so near to 0 that rounding decides their
// sign, in another way on every processor. One of them changes gradients by up to a hundredth, far
// more than rounding does. So the plan's gradients are held against those of the reference in
// double precision with every rectifier on the side that the plan has it on, and the reference's
// own against PyTorch's.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "rectify/graph/activate.h"
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
#include "tests/reference/reference.h"

namespace rectify::train {
namespace {

using run::reference::Values;

/// How far single precision may be off on the same sides: an element of a gradient, from the norm
/// of its tensor; what goes forward, from the largest of its tensor. A sum of 576 numbers, the
/// longest here, rounds by about sqrt(576) 2^-24, and errors of the twenty layers forward and
/// backward add up as sqrt(40) of them: 1e-5. Twice that is allowed.
constexpr double same_side_tolerance = 2e-5;
/// A loss after steps, from itself: further off, for the sides that rectifiers are on. PyTorch's
/// single precision is off as far (make_torch.py prints it).
constexpr double tolerance = 2e-3;
/// How far double precision may be off from PyTorch's, which the file has as floats.
constexpr double double_tolerance = 1e-6;

/// By what Winograd's algorithm multiplies the error bound of a direct sum, as
/// docs/decisions/0013 derives it from the matrices of its changes.
double winograd_amplification() {
  constexpr double a = 0.625, b = 1.5, a2 = a * a, b2 = b * b;
  constexpr double of_0 = a2 * b2, of_a = 2 * a2 * (a2 - b2), of_b = 2 * b2 * (b2 - a2);
  constexpr double results[4][6] = {{1, 1, 1, 1, 1, 0},
                                    {0, a, -a, b, -b, 0},
                                    {0, a2, a2, b2, b2, 0},
                                    {0, a * a2, -a * a2, b * b2, -b * b2, 1}};
  constexpr double taps[6][3] = {{1 / of_0, 0, 0},
                                 {1 / of_a, a / of_a, a2 / of_a},
                                 {1 / of_a, -a / of_a, a2 / of_a},
                                 {1 / of_b, b / of_b, b2 / of_b},
                                 {1 / of_b, -b / of_b, b2 / of_b},
                                 {0, 0, 1}};
  constexpr double patches[6][6] = {
      {a2 * b2, 0, -a2 - b2, 0, 1, 0}, {0, -a * b2, -b2, a, 1, 0}, {0, a * b2, -b2, -a, 1, 0},
      {0, -a2 * b, -a2, b, 1, 0},      {0, a2 * b, -a2, -b, 1, 0}, {0, a2 * b2, 0, -a2 - b2, 0, 1}};
  double most = 0;
  for (const auto& result : results) {
    double squares = 0;
    for (int tap = 0; tap < 3; ++tap)
      for (int pixel = 0; pixel < 6; ++pixel) {
        double sum = 0;
        for (int point = 0; point < 6; ++point)
          sum += std::abs(result[point] * taps[point][tap] * patches[point][pixel]);
        squares += sum * sum;
      }
    most = std::max(most, squares / 3);
  }
  return most;
}

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
    for (const graph::NodeId id : graph::activations(training)) options.keep.insert(id);
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

  /// What the reference begins with: the plan's batch and its parameters.
  std::map<graph::NodeId, std::vector<double>> given() {
    std::map<graph::NodeId, std::vector<double>> all;
    for (const run::ParameterSlot& slot : model.layout.slots()) {
      const float* const from = model.parameters.data() + slot.offset;
      all[slot.node] = {from, from + slot.size};
    }
    const graph::NodeId input = training.find("input"), target = training.find("target");
    const auto size = [&](graph::NodeId id) { return training.node(id).type.size(plan->batch()); };
    all[input] = {plan->input(input), plan->input(input) + size(input)};
    all[target] = {plan->labels(target), plan->labels(target) + size(target)};
    return all;
  }

  Values reference(const std::map<graph::NodeId, std::vector<double>>& from,
                   std::span<const graph::NodeId> wanted = {}) const {
    return run::reference::evaluate(training, plan->batch(), true, {}, from, wanted);
  }

  /// The reference's values with every rectifier on the side that the plan had it on in its last
  /// run: from the plan's outputs of activations, each of which is held against its own input. Of
  /// all values, or of the next states and what they are computed from.
  Values reference_on_its_sides(bool states_alone = false) {
    auto from = given();
    std::vector<graph::NodeId> wanted;
    if (states_alone) {
      wanted = graph::activations(training);
      for (const auto& [state, next] : next_states) wanted.push_back(next);
    }
    for (const graph::NodeId id : graph::activations(training)) {
      const std::span<const float> y = plan->value(id);
      from[id] = {y.begin(), y.end()};
    }
    Values values = reference(from, wanted);
    for (const graph::NodeId id : graph::activations(training)) {
      const graph::Node& node = training.node(id);
      const std::vector<double>& x = values[node.inputs[0]];
      const double largest = std::ranges::max(from[id]);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double y =
            graph::activation_row(node).value(x[i], graph::activation_parameters(node));
        EXPECT_NEAR(from[id][i], y, same_side_tolerance * largest) << node.label << ' ' << i;
      }
    }
    return values;
  }

  /// The plan's gradients beside the reference's on the same sides.
  void expect_gradients(const Values& values, double allowed) const {
    for (const run::ParameterSlot& slot : model.layout.slots()) {
      if (slot.state) continue;
      const std::vector<double>& want = values[gradient_of.at(slot.node)];
      double squares = 0;
      for (const double g : want) squares += g * g;
      for (std::size_t i = 0; i < want.size(); ++i)
        EXPECT_NEAR(gradients.data()[slot.offset + i], want[i], allowed * std::sqrt(squares))
            << slot.label << ' ' << i;
    }
  }

  /// The plan's next states beside the reference's.
  void expect_states(const Values& values) const {
    for (const auto& [state, next] : next_states) {
      const std::span<const float> got = plan->value(next);
      const double largest = std::ranges::max(values[next]);
      for (std::size_t i = 0; i < got.size(); ++i)
        EXPECT_NEAR(got[i], values[next][i], same_side_tolerance * largest)
            << training.node(state).label << ' ' << i;
    }
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

  static Options options() { return {.optimizer = "sgd", .weight_decay = 0}; }

  /// As PyTorch has it, in double precision.
  double rate() const { return std::round(1e6 * numbers("rate")[0]) / 1e6; }

  std::vector<double> losses() {
    Optimiser optimiser(options(), model.layout, threads);
    std::vector<double> all;
    for (std::size_t i = 0; i < numbers("losses").size(); ++i) all.push_back(step(optimiser));
    return all;
  }
};

class GoldenTest : public testing::TestWithParam<std::string> {
 protected:
  Golden golden_{std::filesystem::path(RECTIFY_SOURCE_DIR) / "tests/golden" / GetParam()};
};

/// A gradient beside PyTorch's norm, its product with numbers, and its sampled elements.
/// `beside[i]` is what the i-th element may be off as well.
void expect_measures(const Golden& golden, const run::ParameterSlot& slot,
                     std::span<const double> got, std::span<const double> beside, double allowed) {
  const std::vector<float>& measures = golden.numbers("measures/" + slot.label);
  double squares = 0, product = 0, squares_beside = 0, product_beside = 0;
  for (std::size_t i = 0; i < slot.size; ++i) {
    const double measure = number(slot.label + ".measure", static_cast<std::uint32_t>(i));
    squares += got[i] * got[i];
    product += got[i] * measure;
    squares_beside += beside[i] * beside[i];
    product_beside += beside[i] * measure;
  }
  const double near = allowed * measures[0];
  EXPECT_NEAR(std::sqrt(squares), measures[0], near + std::sqrt(squares_beside)) << slot.label;
  EXPECT_NEAR(product, measures[1], near + std::abs(product_beside)) << slot.label;
  const std::vector<float>& sampled = golden.numbers("sampled/" + slot.label);
  const std::size_t every = slot.size / 200 + 1;
  ASSERT_EQ(sampled.size(), (slot.size + every - 1) / every) << slot.label;
  for (std::size_t i = 0; i < sampled.size(); ++i)
    EXPECT_NEAR(got[i * every], sampled[i], near + std::abs(beside[i * every]))
        << slot.label << ' ' << i * every;
}

TEST_P(GoldenTest, HasPyTorchsLossesForTenSteps) {
  const std::vector<double> losses = golden_.losses();
  const std::vector<float>& want = golden_.numbers("losses");
  ASSERT_EQ(want.size(), 10u);
  for (std::size_t i = 0; i < want.size(); ++i)
    EXPECT_NEAR(losses[i], want[i], tolerance * want[i]) << "step " << i;
}

TEST_P(GoldenTest, HasPyTorchsLossesByWinogradsAlgorithmToo) {
  golden_.make_plan(true);
  const std::vector<double> losses = golden_.losses();
  const std::vector<float>& want = golden_.numbers("losses");
  for (std::size_t i = 0; i < want.size(); ++i)
    EXPECT_NEAR(losses[i], want[i], tolerance * want[i]) << "step " << i;
}

// What the sides of rectifiers change is allowed beside the tolerance: the reference says how much.
TEST_P(GoldenTest, HasPyTorchsGradientsOfAllParameters) {
  golden_.plan->run({});
  const Values free = golden_.reference(golden_.given());
  const Values values = golden_.reference_on_its_sides();
  golden_.expect_gradients(values, same_side_tolerance);
  for (const run::ParameterSlot& slot : golden_.model.layout.slots()) {
    if (slot.state) continue;
    const graph::NodeId id = golden_.gradient_of.at(slot.node);
    std::vector<double> beside = values[id];
    for (std::size_t i = 0; i < slot.size; ++i) beside[i] -= free[id][i];
    const float* const g = golden_.gradients.data() + slot.offset;
    expect_measures(golden_, slot, std::vector<double>(g, g + slot.size), beside,
                    same_side_tolerance);
  }
}

TEST_P(GoldenTest, HasTheReferencesGradientsByWinogradsAlgorithmToo) {
  const graph::Graph& graph = golden_.training;
  bool convolves = false;
  for (graph::NodeId id = 0; id < graph.size(); ++id)
    convolves |= graph.node(id).op->name == "conv";
  if (!convolves) GTEST_SKIP() << "the network has no convolutions";
  golden_.make_plan(true);
  golden_.plan->run({});
  golden_.expect_gradients(golden_.reference_on_its_sides(),
                           winograd_amplification() * same_side_tolerance);
}

TEST_P(GoldenTest, HasTheReferencesStatesInEachOfTenSteps) {
  if (golden_.next_states.empty()) GTEST_SKIP() << "the network has no states";
  Optimiser optimiser(golden_.options(), golden_.model.layout, golden_.threads);
  for (int i = 0; i < 10; ++i) {
    golden_.plan->run({});
    golden_.expect_states(golden_.reference_on_its_sides(true));
    golden_.step(optimiser);
  }
}

// In double precision, whatever the processor: ten steps where there are states to compare, of the
// others, which take as long again, the first two.
TEST_P(GoldenTest, IsWhatTheReferenceComputesInDoublePrecision) {
  auto from = golden_.given();
  const std::vector<float>& losses = golden_.numbers("losses");
  const std::size_t steps = golden_.next_states.empty() ? 2 : losses.size();
  for (std::size_t i = 0; i < steps; ++i) {
    const Values values = golden_.reference(from);
    EXPECT_NEAR(values[golden_.loss][0], losses[i], double_tolerance * losses[i]) << "step " << i;
    for (const run::ParameterSlot& slot : golden_.model.layout.slots()) {
      if (slot.state) continue;
      const std::vector<double>& gradient = values[golden_.gradient_of.at(slot.node)];
      if (i == 0)
        expect_measures(golden_, slot, gradient, std::vector<double>(slot.size), double_tolerance);
      for (std::size_t k = 0; k < slot.size; ++k)
        from[slot.node][k] -= golden_.rate() * gradient[k];
    }
    for (const auto& [state, next] : golden_.next_states) from[state] = values[next];
  }
  for (const run::ParameterSlot& slot : golden_.model.layout.slots()) {
    if (!slot.state) continue;
    const std::vector<float>& states = golden_.numbers("state/" + slot.label);
    ASSERT_EQ(states.size(), slot.size);
    const double largest = std::ranges::max(states);
    for (std::size_t i = 0; i < slot.size; ++i)
      EXPECT_NEAR(from[slot.node][i], states[i], double_tolerance * largest)
          << slot.label << ' ' << i;
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
