#include "rectify/data/toys/collection.h"

namespace rectify::data {

namespace {

enum class CarPart { none, wing, spare_wheel, rack, open_seats, fenders };

/// Proportions of a car, in units of half its length.
struct Car {
  double length, width;            ///< half of each
  double body;                     ///< height of the lower body
  double bonnet_drop;              ///< how much lower the bonnet is than the body
  double cabin_front, cabin_back;  ///< where the cabin ends, as a share of half the length
  double cabin_height, slope;      ///< slope: how much the cabin narrows upwards, front and back
  double lean;                     ///< how far the roof lies behind the cabin's floor
  double wheel, wheel_x;           ///< radius; where the axles are
  bool rounded;                    ///< a body of ellipsoids
  CarPart extra;
};

// clang-format off
constexpr std::array<Car, toys_per_category> car_models = {{
  // saloon
  {1.0, .40, .26, .05, .40, -.62, .28, .42, .03, .17, .62, false, CarPart::none},
  // beetle
  {.88, .40, .30, .02, .45, -.60, .34, .50, .02, .17, .58, true, CarPart::fenders},
  // sports car
  {1.0, .43, .20, .06, .25, -.55, .20, .55, .10, .18, .64, false, CarPart::wing},
  // estate car
  {1.05, .41, .27, .05, .42, -.95, .30, .22, -.05, .17, .64, false, CarPart::rack},
  // jeep
  {.88, .42, .34, .00, .30, -.90, .36, .10, .00, .22, .58, false, CarPart::spare_wheel},
  // roadster
  {.95, .40, .26, .04, .20, -.40, .12, .30, .10, .17, .60, false, CarPart::open_seats},
  // racing car
  {1.05, .24, .20, .10, .05, -.35, .16, .40, .06, .21, .72, true, CarPart::wing},
  // hatchback
  {.82, .39, .28, .06, .50, -.88, .30, .32, .04, .16, .56, false, CarPart::none},
  // vintage car
  {.92, .34, .32, .06, .18, -.75, .34, .12, .00, .22, .62, false, CarPart::fenders},
  // limousine
  {1.30, .38, .25, .05, .50, -.72, .27, .25, .02, .16, .86, false, CarPart::none},
}};
// clang-format on

void add_car_body(Toy& toy, const Car& c, double floor) {
  if (c.rounded) {
    toy.add(ball({0, 0, floor + .4 * c.body}, {c.length, c.width, .65 * c.body}));
    toy.add(
        block({0, 0, floor + .25 * c.body}, {.8 * c.length, .9 * c.width, .25 * c.body}, .05, .1));
    return;
  }
  const double front = c.cabin_front * c.length;
  toy.add(block({(front - c.length) / 2, 0, floor + c.body / 2},
                {(front + c.length) / 2, c.width, c.body / 2}, .04, .08));
  const double bonnet = c.body - c.bonnet_drop;
  toy.add(block({(front + c.length) / 2 - .02, 0, floor + bonnet / 2},
                {(c.length - front) / 2 + .02, c.width, bonnet / 2}, .12, .10));
}

void add_cabin(Toy& toy, const Car& c, double top) {
  const double front = c.cabin_front * c.length, back = c.cabin_back * c.length;
  const Vec at{(front + back) / 2, 0, top + c.cabin_height / 2};
  if (c.extra == CarPart::open_seats) {
    Solid glass =
        block({front, 0, top + c.cabin_height / 2}, {.03, .85 * c.width, c.cabin_height}, 0, .15);
    toy.add(turned(glass, 1, -35));
    for (const double y : {-.45, .45})
      toy.add(block({back + .15, y * c.width, top + .08}, {.08, .3 * c.width, .14}, .3, .2));
    return;
  }
  if (c.rounded) {
    toy.add(ball({at.x - c.lean, 0, top - .05},
                 {(front - back) / 2, .82 * c.width, c.cabin_height + .05}));
    return;
  }
  Solid cabin = block(at, {(front - back) / 2, .92 * c.width, c.cabin_height / 2}, c.slope, .22);
  cabin.axes[2].x = -c.lean;
  cabin.centre.x -= c.lean / 2;
  toy.add(cabin);
}

void add_car_part(Toy& toy, const Car& c, double top) {
  const double roof = top + c.cabin_height;
  if (c.extra == CarPart::wing) {
    toy.add(block({-c.length + .10, 0, top + .16}, {.10, 1.05 * c.width + .04, .02}));
    toy.add_pair(rod({-c.length + .12, .7 * c.width, top - .1},
                     {-c.length + .12, .7 * c.width, top + .15}, .025));
  }
  if (c.extra == CarPart::spare_wheel)
    toy.add(rod({-c.length - .09, 0, top - .02}, {-c.length + .02, 0, top - .02}, .19));
  if (c.extra == CarPart::rack) {
    toy.add_pair(rod({-.6, .6 * c.width, roof + .03}, {.2, .6 * c.width, roof + .03}, .02));
    toy.add(block({-.25, 0, roof + .06}, {.25, .5 * c.width, .05}));
  }
  if (c.extra == CarPart::fenders)
    for (const double x : {-c.wheel_x, c.wheel_x})
      toy.add_pair(ball({x, c.width - .02, c.wheel + .06}, {1.35 * c.wheel, .09, c.wheel}));
}

Toy make_car(const Car& c) {
  Toy toy;
  const double floor = .75 * c.wheel, top = floor + c.body;
  add_car_body(toy, c, floor);
  add_cabin(toy, c, top);
  add_car_part(toy, c, top);
  // The wheels of a racing car stand beside its narrow body.
  const double out = c.width < .3 ? .16 : .01;
  for (const double x : {-c.wheel_x, c.wheel_x})
    toy.add_pair(rod({x, c.width + out - .12, c.wheel}, {x, c.width + out, c.wheel}, c.wheel));
  return fitted(std::move(toy));
}

}  // namespace

Category cars() {
  Category all;
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = make_car(car_models[i]);
  return all;
}

}  // namespace rectify::data
