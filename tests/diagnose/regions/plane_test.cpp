// Pieces on a plane, against Euler's formula and against a fine grid.

#include "rectify/diagnose/regions/plane.h"

#include <numeric>
#include <set>

#include "tests/diagnose/regions/networks.h"

namespace rectify::diagnose {
namespace {

/// The square itself as the plane of a network of two inputs: place (x, y) is input (x, y).
Plane unit_square() {
  return {.corner = {0, 0}, .x = {1, 0}, .y = {0, 1}, .samples = {}, .side = 1};
}

double total_area(const std::vector<Cell>& cells) {
  double sum = 0;
  for (const Cell& cell : cells) sum += cell.area();
  return sum;
}

// Lines in general position cut a convex set into 1 + lines + crossings inside.
TEST(Plane, CountsThePiecesOfOneLayerAsEulerDoes) {
  ThreadPool threads(1);
  std::size_t most = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    model::Model model = random_model("2 : dense 12 | relu | dense 2", seed);
    const Random random(seed, 77);
    std::vector<float> weights(24), biases(12);
    for (std::size_t i = 0; i < 12; ++i) {  // through a point of the square
      const double x = random.uniform(4 * i), y = random.uniform(4 * i + 1);
      const double turn = 6.283 * random.uniform(4 * i + 2);
      weights[i] = static_cast<float>(std::cos(turn));
      weights[12 + i] = static_cast<float>(std::sin(turn));
      biases[i] = static_cast<float>(-(weights[i] * x + weights[12 + i] * y));
    }
    set_parameter(model, "dense1.weight", weights);
    set_parameter(model, "dense1.bias", biases);
    std::size_t crossings = 0;
    for (std::size_t i = 0; i < 12; ++i)
      for (std::size_t j = 0; j < i; ++j) {
        const double det =
            double{weights[i]} * weights[12 + j] - double{weights[12 + i]} * weights[j];
        const double x =
            (double{weights[12 + i]} * biases[j] - double{biases[i]} * weights[12 + j]) / det;
        const double y = (double{biases[i]} * weights[j] - double{weights[i]} * biases[j]) / det;
        crossings += x > 0 && x < 1 && y > 0 && y < 1;
      }
    const PlanePieces found = pieces_on(AffineNetwork(model), unit_square(), threads);
    EXPECT_EQ(found.patterns, 1 + 12 + crossings) << "seed " << seed;
    EXPECT_EQ(found.polygons.size(), found.patterns);
    EXPECT_NEAR(total_area(found.polygons), 1, 1e-12);
    most = std::max(most, found.patterns);
  }
  EXPECT_GT(most, 30u);
}

TEST(Plane, FillsTheSquareWithPolygonsThatHaveOnePatternEach) {
  ThreadPool threads(2);
  std::uint64_t seed = 0;
  for (const char* text :
       {"2 : dense 10 | relu | dense 10 | relu | dense 10 | relu | dense 3",
        "2 : dense 12 | hard_tanh | dense 12 | leaky_relu | dense 3",
        "2 : dense 24 | maxout 3 | dense 16 | maxout 2 | dense 3",
        "2x1x1 : conv 24 3x1 | max_pool 2x1 | relu | flatten | dense 12 | relu | dense 3"}) {
    const model::Model model = random_model(text, ++seed);
    const AffineNetwork network(model);
    Plane plane = unit_square();
    plane.corner = {-2, -2};
    plane.x = {4, 0};
    plane.y = {0, 4};
    const PlanePieces found = pieces_on(network, plane, threads);
    EXPECT_TRUE(found.complete);
    EXPECT_LE(found.pieces, found.patterns);
    EXPECT_GT(found.pieces, found.patterns / 2);
    EXPECT_NEAR(total_area(found.polygons), 1, 1e-11);
    double answered = 0;
    for (const AnswerPart& part : found.answers) answered += part.cell.area();
    EXPECT_NEAR(answered, 1, 1e-9);

    // Two pieces never share a pattern, and a fine grid sees no others.
    std::set<std::uint64_t> patterns;
    AffineInputs middles;
    for (const Cell& piece : found.polygons) {
      const Place at = piece.middle();
      middles.cells.push_back({{at}});
      middles.rows.insert(middles.rows.end(), {4 * at.x - 2, 4 * at.y - 2});
    }
    network.run(std::move(middles), found.patterns, threads,
                [&](const AffinePart& part) { patterns.insert(part.pattern); });
    EXPECT_EQ(patterns.size(), found.patterns);
    std::set<std::uint64_t> seen;
    AffineInputs grid;
    for (std::size_t i = 0; i < 200 * 200; ++i) {
      grid.cells.push_back({{{}}});
      grid.rows.insert(grid.rows.end(), {static_cast<double>(i % 200) / 50 - 1.99,
                                         static_cast<double>(i / 200) / 50 - 1.99});
    }
    network.run(std::move(grid), 200 * 200, threads,
                [&](const AffinePart& part) { seen.insert(part.pattern); });
    EXPECT_TRUE(std::ranges::includes(patterns, seen));
    std::size_t wide = 0;
    for (const Cell& piece : found.polygons) wide += piece.area() > 1e-3;
    EXPECT_GE(seen.size(), wide);
    EXPECT_GT(wide, 50u) << text;
  }
}

// Lines at x = 1/4, 1/2 and 3/4 make a bump between two parts that are 0, which do not touch; the
// line at y = 1/2 is not seen in the output.
TEST(Plane, PutsNeighboursWithTheSameFunctionTogether) {
  model::Model model("2 : dense 4 | relu | dense 1");
  set_parameter(model, "dense1.weight", {1, 1, 1, 0, 0, 0, 0, 1});
  set_parameter(model, "dense1.bias", {-0.25f, -0.5f, -0.75f, -0.5f});
  set_parameter(model, "dense2.weight", {1, -2, 1, 0});
  ThreadPool threads(1);
  const PlanePieces bump = pieces_on(AffineNetwork(model), unit_square(), threads);
  EXPECT_EQ(bump.patterns, 8u);
  EXPECT_EQ(bump.pieces, 4u);
  set_parameter(model, "dense1.weight", {1, -1, 0, 0, 1, -1, 1, 1});
  set_parameter(model, "dense1.bias", {-1, 1, -2, -2});
  set_parameter(model, "dense2.weight", {1, -1, 1, 1});  // relu(z) - relu(-z) = z
  EXPECT_EQ(pieces_on(AffineNetwork(model), unit_square(), threads).patterns, 2u);
  EXPECT_EQ(pieces_on(AffineNetwork(model), unit_square(), threads).pieces, 1u);
}

TEST(Plane, CutsPiecesAlongTheBordersOfDecisions) {
  model::Model model("2 : dense 3");  // outputs x, y and 1/2
  set_parameter(model, "dense1.weight", {1, 0, 0, 0, 1, 0});
  set_parameter(model, "dense1.bias", {0, 0, 0.5f});
  ThreadPool threads(1);
  const PlanePieces found = pieces_on(AffineNetwork(model), unit_square(), threads);
  EXPECT_EQ(found.patterns, 1u);
  std::vector<double> area(3);
  for (const AnswerPart& part : found.answers) area[part.largest] += part.cell.area();
  EXPECT_NEAR(area[0], 0.375, 1e-12);
  EXPECT_NEAR(area[1], 0.375, 1e-12);
  EXPECT_NEAR(area[2], 0.25, 1e-12);
}

TEST(Plane, OfOneOutputHasTheSidesOfZeroAsAnswers) {
  model::Model model("2 : dense 1");
  set_parameter(model, "dense1.weight", {1, 0});
  set_parameter(model, "dense1.bias", {-0.25f});
  ThreadPool threads(1);
  double positive = 0;
  for (const AnswerPart& part : pieces_on(AffineNetwork(model), unit_square(), threads).answers)
    if (part.largest == 1) positive += part.cell.area();
  EXPECT_NEAR(positive, 0.75, 1e-12);
}

TEST(Plane, HasTheSameAnswersOnAGrid) {
  const model::Model model = random_model("2 : dense 10 | relu | dense 10 | relu | dense 3", 2);
  Plane plane = unit_square();
  plane.corner = {-2, -2};
  plane.x = {4, 0};
  plane.y = {0, 4};
  ThreadPool threads(1);
  const PlaneGrid grid = grid_on(model, plane, 100, threads);
  std::vector<double> share(3), area(3);
  for (const std::size_t answer : grid.answers) share[answer] += 1e-4;
  for (const AnswerPart& part : pieces_on(AffineNetwork(model), plane, threads).answers)
    area[part.largest] += part.cell.area();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(share[i], area[i], 0.01);
  EXPECT_GT(*std::ranges::min_element(area), 0.02);
  plane.corner.push_back(0);
  expect_error([&] { grid_on(model, plane, 10, threads); }, {"3 numbers", "takes 2"});
}

TEST(Plane, SaysThatThereAreMorePiecesThanTheLimit) {
  const model::Model model = random_model("2 : dense 30 | relu | dense 30 | relu | dense 2", 1);
  ThreadPool threads(1);
  Plane plane = unit_square();
  plane.x = {4, 0};
  plane.y = {0, 4};
  plane.corner = {-2, -2};
  const PlanePieces found = pieces_on(AffineNetwork(model), plane, threads, 50);
  EXPECT_FALSE(found.complete);
  EXPECT_TRUE(found.polygons.empty());
  EXPECT_TRUE(pieces_on(AffineNetwork(model), plane, threads).complete);
}

TEST(Plane, HoldsTheThreeInputs) {
  const std::vector<float> a = random_input(5, 1), b = random_input(5, 2), c = random_input(5, 3);
  const Plane plane = plane_through(a, b, c, 0.2);
  const std::array inputs = {a, b, c};
  double low = 1, high = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    const Place at = plane.samples[k];
    for (std::size_t i = 0; i < 5; ++i)
      EXPECT_NEAR(plane.corner[i] + at.x * plane.x[i] + at.y * plane.y[i], inputs[k][i], 1e-6);
    low = std::min({low, at.x, at.y});
    high = std::max({high, at.x, at.y});
  }
  EXPECT_NEAR(low, 0.2, 1e-9);
  EXPECT_NEAR(high, 0.8, 1e-9);
  const auto length = [](const std::vector<double>& v) {
    return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
  };
  EXPECT_NEAR(length(plane.x), plane.side, 1e-9);
  EXPECT_NEAR(length(plane.y), plane.side, 1e-9);
  EXPECT_NEAR(std::inner_product(plane.x.begin(), plane.x.end(), plane.y.begin(), 0.0), 0, 1e-9);
}

TEST(Plane, NeedsThreeInputsThatAreNotOnOneLine) {
  const std::vector<float> a = {0, 0, 0}, b = {1, 2, 3}, c = {2, 4, 6}, d = {1, 0, 0};
  expect_error([&] { plane_through(a, b, c); }, {"one line"});
  expect_error([&] { plane_through(a, b, b); }, {"the same"});
  expect_error([&] { plane_through(a, a, b); }, {"the same"});
  EXPECT_EQ(error_of([&] { plane_through(a, b, d); }), "");
}

}  // namespace
}  // namespace rectify::diagnose
