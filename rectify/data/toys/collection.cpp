#include "rectify/data/toys/collection.h"

namespace rectify::data {

const std::array<Category, 5>& toy_collection() {
  static const std::array<Category, 5> all = {animals(), humans(), airplanes(), trucks(), cars()};
  return all;
}

}  // namespace rectify::data
