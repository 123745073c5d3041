#include "rectify/data/toys/collection.h"

namespace rectify::data {

namespace {

enum class Engines { nose_propeller, wing_propellers, under_wings, at_tail, inside };
enum class TailForm { low, high, twin };
enum class Gear { wheels, floats };

/// Proportions of an airplane. Its fuselage is about 2 units long.
struct Airplane {
  double fuselage, fuselage_height;      ///< radii: sideways, upwards
  double span, chord, tip, sweep, rise;  ///< of the wings; sweep: how far back the tips are
  double wing_x, wing_z;                 ///< where the wings are; z in radii of the fuselage
  Engines engines;
  int engines_a_side;
  TailForm tail;
  double tail_span;
  Gear gear;
  bool second_wing;  ///< a biplane
};

// clang-format off
constexpr std::array<Airplane, toys_per_category> designs = {{
  // airliner
  {.13, .13, 1.7, .42, .35, .55, .06, .05, -.5,
   Engines::under_wings, 1, TailForm::low, .62, Gear::wheels, false},
  // biplane
  {.14, .16, 1.5, .36, .95, .02, .04, .25, -.9,
   Engines::nose_propeller, 0, TailForm::low, .6, Gear::wheels, true},
  // jet fighter
  {.13, .11, 1.1, 1.0, .12, .75, .00, -.10, -.2,
   Engines::inside, 0, TailForm::twin, .55, Gear::wheels, false},
  // glider
  {.08, .10, 2.4, .24, .45, .04, .08, .10, .6,
   Engines::inside, 0, TailForm::high, .5, Gear::wheels, false},
  // bomber with four propellers
  {.14, .15, 2.1, .40, .50, .15, .08, .15, .1,
   Engines::wing_propellers, 2, TailForm::low, .8, Gear::wheels, false},
  // sports plane
  {.13, .16, 1.7, .34, .85, .03, .05, .15, .95,
   Engines::nose_propeller, 0, TailForm::low, .62, Gear::wheels, false},
  // business jet
  {.12, .13, 1.5, .34, .40, .40, .06, -.05, -.7,
   Engines::at_tail, 1, TailForm::high, .6, Gear::wheels, false},
  // seaplane
  {.13, .15, 1.6, .36, .80, .05, .04, .15, .9,
   Engines::nose_propeller, 0, TailForm::low, .6, Gear::floats, false},
  // swept fighter
  {.12, .14, 1.3, .50, .45, .60, -.03, .10, .1,
   Engines::inside, 0, TailForm::low, .55, Gear::wheels, false},
  // transport
  {.19, .20, 2.0, .44, .40, .30, -.05, .12, .9,
   Engines::under_wings, 2, TailForm::high, .7, Gear::wheels, false},
}};
// clang-format on

void add_propeller(Toy& toy, Vec hub, double radius) {
  toy.add(rod(hub, hub + Vec{.02, 0, 0}, radius, radius));
  toy.add(rod(hub, hub + Vec{.10, 0, 0}, .05, .01));
}

/// The wings at the height `z` of their roots, and the engines on them.
void add_wings(Toy& toy, const Airplane& d, double z, bool engines) {
  const Vec root{d.wing_x, 0, z}, tip{d.wing_x - d.sweep, d.span / 2, z + d.rise};
  toy.add_pair(fin(root, tip, d.chord, .045, d.tip));
  if (!engines) return;
  for (int i = 1; i <= d.engines_a_side; ++i) {
    const double share = (i + .15) / (d.engines_a_side + 1.2);
    const Vec at = root + share * (tip - root) + Vec{.45 * d.chord * (1 - .5 * share), 0, 0};
    if (d.engines == Engines::under_wings)
      toy.add_pair(rod(at + Vec{-.22, 0, -.11}, at + Vec{.10, 0, -.11}, .06, .085));
    if (d.engines == Engines::wing_propellers) {
      toy.add_pair(rod(at + Vec{-.25, 0, 0}, at + Vec{.10, 0, 0}, .05, .07));
      for (const double side : {-1.0, 1.0})
        add_propeller(toy, Vec{at.x + .11, side * at.y, at.z}, .15);
    }
  }
}

void add_tail(Toy& toy, const Airplane& d, double z) {
  const double top = z + (d.tail == TailForm::high ? .42 : .34), half = d.tail_span / 2;
  if (d.tail == TailForm::twin) {
    toy.add_pair(fin({-.75, .10, z}, {-.95, .20, z + .34}, .34, .03, .5));
  } else {
    toy.add(fin({-.82, 0, z}, {-1.0, 0, top}, .36, .035, .55));
  }
  const double height = d.tail == TailForm::high ? top - .02 : z + .03;
  const double x = d.tail == TailForm::high ? -.98 : -.86;
  toy.add_pair(fin({x, 0, height}, {x - .12, half, height + .02}, .26, .03, .6));
}

void add_gear(Toy& toy, const Airplane& d, double belly) {
  if (d.gear == Gear::floats) {
    toy.add_pair(ball({.12, .28, .09}, {.62, .08, .09}));
    for (const double x : {-.1, .35}) toy.add_pair(rod({x, .26, .1}, {x, .06, belly + .05}, .02));
    return;
  }
  toy.add_pair(rod({.05, .20, .07}, {.05, .26, .07}, .07));
  toy.add_pair(rod({.05, .22, .07}, {.05, .06, belly + .06}, .02));
  toy.add(rod({.70, -.02, .06}, {.70, .02, .06}, .06));
  toy.add(rod({.70, 0, .06}, {.68, 0, belly + .06}, .02));
}

Toy make_airplane(const Airplane& d) {
  Toy toy;
  const double belly = d.gear == Gear::floats ? .34 : .16, z = belly + d.fuselage_height;
  const bool blunt = d.engines == Engines::nose_propeller;
  toy.add(ball({.45, 0, z}, {blunt ? .42 : .62, d.fuselage, d.fuselage_height}));
  toy.add(ball({-.1, 0, z}, {.75, d.fuselage, d.fuselage_height}));
  toy.add(
      rod({-.2, 0, z}, {-1.02, 0, z + .3 * d.fuselage_height}, .95 * d.fuselage, .22 * d.fuselage));
  toy.add(
      ball({.38, 0, z + .75 * d.fuselage_height}, {.2, .7 * d.fuselage, .6 * d.fuselage_height}));
  add_wings(toy, d, z + d.wing_z * d.fuselage_height, true);
  if (d.second_wing) {
    const double upper = z + 2.2 * d.fuselage_height;
    add_wings(toy, d, upper, false);
    for (const double y : {.2, .55})
      toy.add_pair(rod({d.wing_x, y, z - .8 * d.fuselage_height}, {d.wing_x, y, upper}, .018));
  }
  if (blunt) add_propeller(toy, {.86, 0, z}, .26);
  if (d.engines == Engines::at_tail)
    toy.add_pair(rod({-.70, .21, z + .08}, {-.36, .21, z + .08}, .06, .085));
  add_tail(toy, d, z + .3 * d.fuselage_height);
  add_gear(toy, d, belly);
  return fitted(std::move(toy));
}

}  // namespace

Category airplanes() {
  Category all;
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = make_airplane(designs[i]);
  return all;
}

}  // namespace rectify::data
