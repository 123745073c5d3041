#include <gtest/gtest.h>

#include <cstring>

#include "tests/activation/sweep.h"

namespace rectify::activation {
namespace {

TEST(Kernels, EveryLengthGivesTheSameBitsAndTouchesNothingElse) {
  const std::vector<float> x = sweep_points();
  constexpr std::size_t longest = 150;
  for (const Case& c : cases()) {
    for (const std::string_view isa : instruction_sets()) {
      const Kernels& k = kernels(*c.row, isa);
      std::vector<float> whole(longest), whole_dx(longest);
      k.forward(x.data() + 30, whole.data(), longest, c.p);
      k.backward(x.data() + 30, x.data() + 5, whole_dx.data(), longest, c.p);
      for (std::size_t n = 0; n <= longest; n += n < 68 ? 1 : 41) {
        std::vector<float> y(n + 1, 7.0f), dx(n + 1, 7.0f);
        k.forward(x.data() + 30, y.data(), n, c.p);
        k.backward(x.data() + 30, x.data() + 5, dx.data(), n, c.p);
        EXPECT_EQ(y[n], 7.0f) << c.text() << " " << isa << " " << n;
        EXPECT_EQ(dx[n], 7.0f) << c.text() << " " << isa << " " << n;
        y[n] = n < longest ? whole[n] : 0, dx[n] = n < longest ? whole_dx[n] : 0;
        y.pop_back(), dx.pop_back();
        EXPECT_TRUE(same_bits(y, {whole.begin(), whole.begin() + n}))
            << c.text() << " " << isa << " " << n;
        EXPECT_TRUE(same_bits(dx, {whole_dx.begin(), whole_dx.begin() + n}))
            << c.text() << " " << isa << " " << n;
      }
    }
  }
}

TEST(Kernels, WorkInPlace) {
  std::vector<float> x = sweep_points();
  x.resize(5003);
  const std::vector<float> dy(x.rbegin(), x.rend());
  std::vector<float> y(x.size()), dx(x.size());
  for (const Case& c : cases()) {
    for (const std::string_view isa : instruction_sets()) {
      const Kernels& k = kernels(*c.row, isa);
      k.forward(x.data(), y.data(), x.size(), c.p);
      std::vector<float> here = x;
      k.forward(here.data(), here.data(), x.size(), c.p);
      EXPECT_TRUE(same_bits(here, y)) << c.text() << " forward on " << isa;

      k.backward(y.data(), dy.data(), dx.data(), x.size(), c.p);
      here = dy;
      k.backward(y.data(), here.data(), here.data(), x.size(), c.p);
      EXPECT_TRUE(same_bits(here, dx)) << c.text() << " backward over dy on " << isa;
      here = y;
      k.backward(here.data(), dy.data(), here.data(), x.size(), c.p);
      EXPECT_TRUE(same_bits(here, dx)) << c.text() << " backward over saved on " << isa;
    }
  }
}

TEST(Kernels, BackwardMultipliesTheSlopeByWhatArrives) {
  const std::vector<float> x = {-2.0f, -0.5f, 0.25f, 3.0f}, ones(4, 1.0f);
  const std::vector<float> dy = {0.5f, -3.0f, 1e10f, 0.0f};
  std::vector<float> slope(4), dx(4);
  for (const Case& c : cases()) {
    for (const std::string_view isa : instruction_sets()) {
      kernels(*c.row, isa).backward(x.data(), ones.data(), slope.data(), 4, c.p);
      kernels(*c.row, isa).backward(x.data(), dy.data(), dx.data(), 4, c.p);
      for (int i = 0; i < 4; ++i) EXPECT_EQ(dx[i], dy[i] * slope[i]) << c.text() << " " << isa;
    }
  }
}

}  // namespace
}  // namespace rectify::activation
