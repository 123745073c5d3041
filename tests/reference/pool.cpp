#include "tests/reference/pool.h"

namespace rectify::run::reference {

void each_place(const Context& context, const Shape& image,
                const std::function<void(std::size_t, const std::vector<std::size_t>&)>& visit) {
  const graph::Window window = graph::window_of(context.node.attributes, image);
  const graph::WindowAxis &y = window.y, &x = window.x;
  const std::int64_t channels = image.back();
  const std::int64_t places = context.batch * y.out * x.out * channels;
  for (std::int64_t place = 0; place < places; ++place) {
    const std::int64_t channel = place % channels, j = place / channels % x.out,
                       i = place / channels / x.out % y.out, b = place / channels / x.out / y.out;
    std::vector<std::size_t> taps;
    for (std::int64_t tap = 0; tap < y.size * x.size; ++tap) {
      const std::int64_t row = i * y.stride + tap / x.size - y.before;
      const std::int64_t column = j * x.stride + tap % x.size - x.before;
      if (row >= 0 && row < y.in && column >= 0 && column < x.in)
        taps.push_back(
            static_cast<std::size_t>(((b * y.in + row) * x.in + column) * channels + channel));
    }
    visit(static_cast<std::size_t>(place), taps);
  }
}

}  // namespace rectify::run::reference
