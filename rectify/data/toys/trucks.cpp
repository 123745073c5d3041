#include "rectify/data/toys/collection.h"

namespace rectify::data {

namespace {

enum class TruckLoad { box, tank, dump, flat, ladder, mixer, crane, rubbish, logs, cage };

/// Proportions of a truck, in units of half its length.
struct Truck {
  double length, width;           ///< half the length, half the width of all of it
  double cab_length, cab_height;  ///< of the driver's cab, above the frame
  double bonnet;                  ///< length of an engine in front of the cab; 0: none
  double wheel;                   ///< radius
  int rear_axles;
  double gap;  ///< between cab and load, as of a semi-trailer
  double load_height;
  TruckLoad load;
};

constexpr std::array<Truck, toys_per_category> lorries = {{
    {1.0, .30, .42, .52, .0, .15, 1, .03, .72, TruckLoad::box},
    {1.1, .30, .40, .50, .22, .15, 2, .05, .26, TruckLoad::tank},
    {.95, .34, .40, .55, .20, .19, 2, .05, .42, TruckLoad::dump},
    {1.05, .30, .42, .50, .0, .15, 2, .05, .30, TruckLoad::flat},
    {1.15, .29, .50, .48, .0, .16, 1, .03, .34, TruckLoad::ladder},
    {1.0, .31, .40, .52, .0, .17, 2, .05, .30, TruckLoad::mixer},
    {1.05, .32, .42, .46, .0, .17, 2, .05, .24, TruckLoad::crane},
    {1.0, .32, .38, .58, .0, .17, 1, .03, .62, TruckLoad::rubbish},
    {1.15, .28, .36, .48, .25, .14, 2, .14, .30, TruckLoad::logs},
    {1.25, .28, .36, .60, .0, .14, 2, .18, .78, TruckLoad::cage},
}};

void add_ladder(Toy& toy, Vec from, Vec to) {
  toy.add_pair(rod(from + Vec{0, .10, 0}, to + Vec{0, .10, 0}, .025));
  for (int i = 0; i < 6; ++i) {
    const Vec at = from + (i + .5) / 6 * (to - from);
    toy.add(rod(at + Vec{0, -.1, 0}, at + Vec{0, .1, 0}, .02));
  }
}

/// What stands on the frame, between `back` and `front` (x), from `floor` (z) upwards.
void add_truck_load(Toy& toy, const Truck& t, double back, double front, double floor) {
  const double middle = (back + front) / 2, half = (front - back) / 2, w = t.width;
  const double high = t.load_height;
  switch (t.load) {
    case TruckLoad::box:
      toy.add(block({middle, 0, floor + high / 2}, {half, w, high / 2}));
      break;
    case TruckLoad::tank:
      toy.add(rod({back, 0, floor + high}, {front, 0, floor + high}, high));
      for (const double share : {.25, .7})
        toy.add(rod({back + share * 2 * half, 0, floor + 1.9 * high},
                    {back + share * 2 * half, 0, floor + 2.15 * high}, .07));
      break;
    case TruckLoad::dump:
      // A box on its head is narrow below; it is tipped a little.
      toy.add(turned(block({middle, 0, floor + .2 + high / 2}, {half, w, high / 2}, .25, .15), 1,
                     180 + 16));
      toy.add(rod({middle, 0, floor}, {middle + .3 * half, 0, floor + .3}, .06));
      break;
    case TruckLoad::flat:
      toy.add(block({middle, 0, floor + .03}, {half, w, .03}));
      toy.add(block({back + .6 * half, 0, floor + .06 + high / 2}, {.35 * half, .7 * w, high / 2}));
      toy.add(block({front - .05, 0, floor + .15}, {.03, w, .15}));
      break;
    case TruckLoad::ladder:
      toy.add(block({middle, 0, floor + high / 2}, {half, w, high / 2}, .05, .1));
      add_ladder(toy, {back, 0, floor + high + .06}, {front + .3, 0, floor + high + .34});
      break;
    case TruckLoad::mixer:
      toy.add(rod({back + .05, 0, floor + .48}, {middle - .1, 0, floor + .38}, .15, high));
      toy.add(rod({middle - .1, 0, floor + .38}, {front - .05, 0, floor + .28}, high, .16));
      toy.add(block({back, 0, floor + .2}, {.06, .6 * w, .2}));
      break;
    case TruckLoad::crane:
      toy.add(block({middle, 0, floor + .04}, {half, w, .04}));
      toy.add(block({middle - .2, 0, floor + .22}, {.24, .8 * w, .18}, .2, .1));
      toy.add(rod({middle - .25, 0, floor + .34}, {front + .45, 0, floor + .85}, .07, .04));
      toy.add(rod({front + .44, 0, floor + .85}, {front + .44, 0, floor + .55}, .02));
      break;
    case TruckLoad::rubbish:
      toy.add(block({middle, 0, floor + .3 * high}, {half, w, .3 * high}));
      toy.add(rod({back, 0, floor + .55 * high}, {front, 0, floor + .55 * high}, w));
      toy.add(turned(block({back - .06, 0, floor + .35 * high}, {.14, .95 * w, .35 * high}, .5, 0),
                     1, -12));
      break;
    case TruckLoad::logs:
      for (const double y : {-.6, 0.0, .6})
        toy.add(rod({back, y * w, floor + .1}, {front, y * w, floor + .1}, .095));
      for (const double y : {-.3, .3})
        toy.add(rod({back, y * w, floor + .26}, {front, y * w, floor + .26}, .095));
      for (const double x : {back + .2 * half, front - .2 * half})
        toy.add_pair(rod({x, w, floor}, {x, w, floor + .42}, .025));
      break;
    case TruckLoad::cage:
      toy.add(block({middle, 0, floor + high / 2}, {half, w, high / 2}));
      toy.add(rod({front + .02, 0, floor + .75 * high}, {front + .1, 0, floor + .75 * high}, .12));
      break;
  }
}

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
  add_truck_load(toy, t, -t.length, front - t.cab_length - t.gap, floor + thick);
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
