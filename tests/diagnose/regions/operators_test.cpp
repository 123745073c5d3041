// Every operator of linear pieces, against the reference loops: between two kinks the output is a
// line, and at a kink it is not.

#include "rectify/diagnose/regions/segment.h"
#include "tests/diagnose/regions/networks.h"
#include "tests/reference/reference.h"

namespace rectify::diagnose {
namespace {

/// The network by the reference loops.
class ReferenceNetwork {
 public:
  explicit ReferenceNetwork(const model::Model& model) : model_(model) {
    for (const run::ParameterSlot& slot : model.layout.slots()) {
      const float* from = model.parameters.data() + slot.offset;
      given_[slot.node].assign(from, from + slot.size);
    }
  }

  std::vector<double> operator()(const std::vector<double>& x) {
    given_[model_.graph.find("input")] = x;
    return run::reference::evaluate(model_.graph, 1, false, {},
                                    given_)[static_cast<std::size_t>(model_.graph.result)];
  }

 private:
  const model::Model& model_;
  std::map<graph::NodeId, std::vector<double>> given_;
};

const char* const networks[] = {
    "3 : dense 6 | relu | dense 6 | relu | dense 2",
    "3 : dense 6 bias=no | relu | dropout 0.5 | dense 2",
    "3 : dense 6 | batch_norm | relu | dense 6 | batch_norm affine=no | relu | dense 2",
    "3 : dense 8 | maxout 2 | dense 9 | maxout 3 | dense 2",
    "3 : dense 6 | prelu | dense 6 | prelu a=-0.5 | dense 2",
    "3 : dense 6 | leaky_relu | dense 6 | rrelu | dense 2",
    "3 : dense 6 | hard_tanh | dense 6 | relu6 | dense 2",
    "3 : dense 6 | hard_sigmoid | dense 6 | noisy_relu | dense 2",
    "3 : dense 6 | identity | dense 6 | elu a=0 | dense 2",
    "3 : dense 6 | relu | residual(dense 6 | relu | dense 6) | relu | dense 2",
    "6x6x1 : conv 3 3x3 | relu | max_pool 2 | conv 4 3x3 stride=2 | relu | flatten | dense 2",
    "6x6x2 : conv 4 3x3 groups=2 padding=valid | batch_norm | relu | avg_pool 2 | flatten | dense "
    "2",
    "5x5x2 : conv 4 3x3 dilation=2 | max_pool 3 stride=2 | relu | global_avg_pool | dense 2",
    "6x6x1 : conv 3 3x3 | relu | residual(conv 3 3x3 | relu | conv 3 3x3) | relu | "
    "global_avg_pool | dense 2",
    "4x4x2 : dense_block(conv 2 3x3 | relu) | dense_block(relu | conv 2 1x1) | relu | "
    "global_avg_pool | dense 2",
    "4x3 : dense 5 | relu | transpose | dense 3 | relu | flatten | dense 2",
    "4x3 : positions | dense 5 | relu | reshape 20 | alpha_dropout 0.1 | dense 2"};

/// Places from 0 to 1 on the segment.
struct Line {
  std::vector<float> a, b;

  std::vector<double> at(double t) const {
    std::vector<double> x(a.size());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = a[i] + t * (double{b[i]} - a[i]);
    return x;
  }
};

TEST(RegionRules, FindLinesBetweenTheKinksAndNoneAcrossThem) {
  ThreadPool threads(1);
  std::size_t kinks = 0;
  for (const char* text : networks)
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const model::Model model = random_model(text, seed);
      const AffineNetwork network(model);
      ReferenceNetwork reference(model);
      const Line line{random_input(network.inputs(), seed),
                      random_input(network.inputs(), 9 - seed)};
      std::vector<double> ends = pieces_between(network, line.a, line.b, threads).kinks;
      kinks += ends.size();
      ends.insert(ends.begin(), 0);
      ends.push_back(1);
      std::vector<double> slope_before;
      for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
        const double begin = ends[i], width = ends[i + 1] - begin;
        const auto low = reference(line.at(begin)), high = reference(line.at(ends[i + 1]));
        for (const double share : {0.11, 0.37, 0.5, 0.73, 0.91}) {
          const auto middle = reference(line.at(begin + share * width));
          for (std::size_t o = 0; o < low.size(); ++o)
            ASSERT_NEAR(middle[o], low[o] + share * (high[o] - low[o]), 1e-10)
                << text << ", seed " << seed << ": a kink is missing in " << begin << " + "
                << width;
        }
        std::vector<double> slope;
        for (std::size_t o = 0; o < low.size(); ++o) slope.push_back((high[o] - low[o]) / width);
        if (!slope_before.empty() && width > 1e-5 && begin - ends[i - 1] > 1e-5) {
          double apart = 0;
          for (std::size_t o = 0; o < slope.size(); ++o)
            apart = std::max(apart, std::abs(slope[o] - slope_before[o]));
          EXPECT_GT(apart, 1e-8) << text << ", seed " << seed << ": no kink at " << begin;
        }
        slope_before = std::move(slope);
      }
    }
  EXPECT_GT(kinks, 300u);
}

// The value jumps at theta, so there is a line on both sides.
TEST(RegionRules, KnowJumps) {
  model::Model model("1 : dense 1 | threshold_relu theta=2 | dense 1");
  set_parameter(model, "dense1.weight", {1});
  set_parameter(model, "dense2.weight", {1});
  ThreadPool threads(1);
  const SegmentPieces found =
      pieces_between(AffineNetwork(model), std::vector<float>{0}, std::vector<float>{4}, threads);
  EXPECT_EQ(found.pieces, 2u);
  EXPECT_DOUBLE_EQ(found.kinks.at(0), 0.5);

  // threshold_relu(x) - relu(x - 2) is 0 up to 2, and 2 from there on: both sides have slope 0.
  model::Model step("1 : residual(threshold_relu theta=2 | dense 1 ; dense 1 | relu | dense 1)");
  set_parameter(step, "dense1.weight", {1});
  set_parameter(step, "dense2.weight", {1});
  set_parameter(step, "dense2.bias", {-2});
  set_parameter(step, "dense3.weight", {-1});
  const SegmentPieces level =
      pieces_between(AffineNetwork(step), std::vector<float>{0}, std::vector<float>{4}, threads);
  EXPECT_EQ(level.pieces, 2u);
  EXPECT_DOUBLE_EQ(level.kinks.at(0), 0.5);
}

}  // namespace
}  // namespace rectify::diagnose
