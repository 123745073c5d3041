#include "rectify/data/toys/collection.h"

namespace rectify::data {

namespace {

/// Where the load stands: on the frame, from `back` to `front` along x and from `floor` upwards.
struct Bed {
  double back, front, floor;
  double width, high;  ///< half the width; the height of the load

  double middle() const { return (back + front) / 2; }
  double half() const { return (front - back) / 2; }
};

void load_box(Toy& toy, const Bed& b) {
  toy.add(block({b.middle(), 0, b.floor + b.high / 2}, {b.half(), b.width, b.high / 2}));
}

void load_tank(Toy& toy, const Bed& b) {
  toy.add(rod({b.back, 0, b.floor + b.high}, {b.front, 0, b.floor + b.high}, b.high));
  for (const double share : {.25, .7}) {
    const double x = b.back + share * 2 * b.half();
    toy.add(rod({x, 0, b.floor + 1.9 * b.high}, {x, 0, b.floor + 2.15 * b.high}, .07));
  }
}

/// A skip that is tipped a little. It is a box on its head, which is narrow below.
void load_skip(Toy& toy, const Bed& b) {
  const Solid skip =
      block({b.middle(), 0, b.floor + .2 + b.high / 2}, {b.half(), b.width, b.high / 2}, .25, .15);
  toy.add(turned(skip, 1, 180 + 16));
  toy.add(rod({b.middle(), 0, b.floor}, {b.middle() + .3 * b.half(), 0, b.floor + .3}, .06));
}

void load_flat(Toy& toy, const Bed& b) {
  toy.add(block({b.middle(), 0, b.floor + .03}, {b.half(), b.width, .03}));
  toy.add(block({b.back + .6 * b.half(), 0, b.floor + .06 + b.high / 2},
                {.35 * b.half(), .7 * b.width, b.high / 2}));
  toy.add(block({b.front - .05, 0, b.floor + .15}, {.03, b.width, .15}));
}

void load_ladder(Toy& toy, const Bed& b) {
  toy.add(block({b.middle(), 0, b.floor + b.high / 2}, {b.half(), b.width, b.high / 2}, .05, .1));
  const Vec from{b.back, 0, b.floor + b.high + .06}, to{b.front + .3, 0, b.floor + b.high + .34};
  toy.add_pair(rod(from + Vec{0, .10, 0}, to + Vec{0, .10, 0}, .025));
  for (int i = 0; i < 6; ++i) {
    const Vec at = from + (i + .5) / 6 * (to - from);
    toy.add(rod(at + Vec{0, -.1, 0}, at + Vec{0, .1, 0}, .02));
  }
}

void load_mixer(Toy& toy, const Bed& b) {
  const Vec widest{b.middle() - .1, 0, b.floor + .38};
  toy.add(rod({b.back + .05, 0, b.floor + .48}, widest, .15, b.high));
  toy.add(rod(widest, {b.front - .05, 0, b.floor + .28}, b.high, .16));
  toy.add(block({b.back, 0, b.floor + .2}, {.06, .6 * b.width, .2}));
}

void load_crane(Toy& toy, const Bed& b) {
  const Vec top{b.front + .44, 0, b.floor + .85};
  toy.add(block({b.middle(), 0, b.floor + .04}, {b.half(), b.width, .04}));
  toy.add(block({b.middle() - .2, 0, b.floor + .22}, {.24, .8 * b.width, .18}, .2, .1));
  toy.add(rod({b.middle() - .25, 0, b.floor + .34}, top + Vec{.01, 0, 0}, .07, .04));
  toy.add(rod(top, top + Vec{0, 0, -.3}, .02));
}

void load_rubbish(Toy& toy, const Bed& b) {
  const double axis = b.floor + .55 * b.high;
  toy.add(block({b.middle(), 0, b.floor + .3 * b.high}, {b.half(), b.width, .3 * b.high}));
  toy.add(rod({b.back, 0, axis}, {b.front, 0, axis}, b.width));
  const Solid hatch =
      block({b.back - .06, 0, b.floor + .35 * b.high}, {.14, .95 * b.width, .35 * b.high}, .5, 0);
  toy.add(turned(hatch, 1, -12));
}

void load_logs(Toy& toy, const Bed& b) {
  const auto add_log = [&](double aside, double height) {
    const double y = aside * b.width, z = b.floor + height;
    toy.add(rod({b.back, y, z}, {b.front, y, z}, .095));
  };
  for (const double aside : {-.6, 0.0, .6}) add_log(aside, .1);
  for (const double aside : {-.3, .3}) add_log(aside, .26);
  for (const double x : {b.back + .2 * b.half(), b.front - .2 * b.half()})
    toy.add_pair(rod({x, b.width, b.floor}, {x, b.width, b.floor + .42}, .025));
}

/// The box of a cold store, with its fan in front.
void load_cold_store(Toy& toy, const Bed& b) {
  load_box(toy, b);
  const double z = b.floor + .75 * b.high;
  toy.add(rod({b.front + .02, 0, z}, {b.front + .1, 0, z}, .12));
}

/// Proportions of a truck, in units of half its length.
struct Truck {
  double length, width;           ///< half the length, half the width of all of it
  double cab_length, cab_height;  ///< of the driver's cab, above the frame
  double bonnet;                  ///< length of an engine in front of the cab; 0: none
  double wheel;                   ///< radius
  int rear_axles;
  double gap;  ///< between cab and load, as of a semi-trailer
  double load_height;
  void (*load)(Toy& toy, const Bed& bed);
};

constexpr std::array<Truck, toys_per_category> lorries = {{
    {1.0, .30, .42, .52, .0, .15, 1, .03, .72, load_box},
    {1.1, .30, .40, .50, .22, .15, 2, .05, .26, load_tank},
    {.95, .34, .40, .55, .20, .19, 2, .05, .42, load_skip},
    {1.05, .30, .42, .50, .0, .15, 2, .05, .30, load_flat},
    {1.15, .29, .50, .48, .0, .16, 1, .03, .34, load_ladder},
    {1.0, .31, .40, .52, .0, .17, 2, .05, .30, load_mixer},
    {1.05, .32, .42, .46, .0, .17, 2, .05, .24, load_crane},
    {1.0, .32, .38, .58, .0, .17, 1, .03, .62, load_rubbish},
    {1.15, .28, .36, .48, .25, .14, 2, .14, .30, load_logs},
    {1.25, .28, .36, .60, .0, .14, 2, .18, .78, load_cold_store},
}};

Toy make_truck(const Truck& t) {
  Toy toy;
  const double floor = t.wheel * 1.35, thick = .06, front = t.length - t.bonnet;
  toy.add(block({0, 0, floor}, {t.length - .03, .8 * t.width, thick}));
  const double top = t.cab_height;
  toy.add(block({front - t.cab_length / 2, 0, floor + .35 * top},
                {t.cab_length / 2, t.width, .35 * top}));
  toy.add(block({front - t.cab_length / 2 - .01, 0, floor + .85 * top},
                {t.cab_length / 2 - .01, .97 * t.width, .25 * top}, .16, .12));
  if (t.bonnet > 0)
    toy.add(block({front + t.bonnet / 2, 0, floor + .25 * top},
                  {t.bonnet / 2, .75 * t.width, .25 * top}, .05, .1));
  t.load(toy, {-t.length, front - t.cab_length - t.gap, floor + thick, t.width, t.load_height});
  const auto add_axle = [&](double x) {
    toy.add_pair(rod({x, t.width - .12, t.wheel}, {x, t.width + .02, t.wheel}, t.wheel));
  };
  add_axle(t.length - .24 - .3 * t.bonnet);
  for (int i = 0; i < t.rear_axles; ++i) add_axle(-t.length + .28 + i * 2.15 * t.wheel);
  if (t.gap > .1) add_axle(front - t.cab_length - t.gap);
  return fitted(std::move(toy));
}

}  // namespace

Category trucks() {
  Category all;
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = make_truck(lorries[i]);
  return all;
}

}  // namespace rectify::data
