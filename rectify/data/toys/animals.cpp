#include "rectify/data/toys/collection.h"

namespace rectify::data {

namespace {

enum class Ears { none, pointed, hanging, wide };
enum class BeastPart { none, horns, trunk, mane, hump, nose_horn, snout };

/// Proportions of an animal, in units of about its own length.
struct Beast {
  double leg, leg_radius;               ///< length of the legs, and how thick they are
  Vec body;                             ///< half extents of the trunk
  double neck, neck_rise, neck_radius;  ///< length; degrees above the horizontal
  double head, head_radius;
  double tail, tail_rise, tail_radius;  ///< length; degrees above the horizontal
  Ears ears;
  BeastPart extra;
};

// clang-format off
constexpr std::array<Beast, toys_per_category> beasts = {{
  // horse
  {.62, .055, {.48, .15, .18}, .46, 52, .10, .34, .09, .42, -65, .04,
   Ears::pointed, BeastPart::none},
  // elephant
  {.42, .12, {.52, .28, .32}, .12, 20, .18, .36, .20, .30, -80, .025,
   Ears::wide, BeastPart::trunk},
  // pig
  {.20, .065, {.46, .22, .22}, .10, 10, .15, .34, .16, .14, 30, .02,
   Ears::pointed, BeastPart::snout},
  // giraffe
  {.78, .05, {.36, .14, .19}, .85, 66, .075, .28, .07, .35, -75, .02,
   Ears::pointed, BeastPart::horns},
  // cow
  {.36, .06, {.54, .20, .23}, .20, 30, .12, .34, .11, .45, -80, .02,
   Ears::hanging, BeastPart::horns},
  // dog
  {.36, .05, {.38, .11, .13}, .20, 50, .08, .30, .095, .34, 50, .03,
   Ears::hanging, BeastPart::snout},
  // camel
  {.62, .055, {.46, .17, .19}, .56, 40, .075, .30, .075, .26, -70, .02,
   Ears::pointed, BeastPart::hump},
  // long-necked dinosaur
  {.30, .10, {.42, .19, .21}, .85, 38, .075, .22, .07, .85, -8, .09,
   Ears::none, BeastPart::none},
  // lion
  {.36, .07, {.46, .14, .16}, .16, 35, .12, .30, .11, .50, 15, .025,
   Ears::none, BeastPart::mane},
  // rhinoceros
  {.30, .10, {.56, .22, .25}, .16, 0, .17, .42, .13, .22, -70, .02,
   Ears::pointed, BeastPart::nose_horn},
}};
// clang-format on

void add_ears(Toy& toy, const Beast& b, Vec head) {
  const double r = b.head_radius;
  if (b.ears == Ears::pointed)
    toy.add_pair(rod(head + Vec{-.3 * r, .6 * r, .6 * r}, head + Vec{-.4 * r, .9 * r, 1.8 * r},
                     .35 * r, .05 * r));
  if (b.ears == Ears::hanging)
    toy.add_pair(ball(head + Vec{-.4 * r, 1.0 * r, 0}, {.35 * r, .2 * r, .8 * r}));
  if (b.ears == Ears::wide)
    toy.add_pair(
        turned(ball(head + Vec{-.3 * r, 1.3 * r, .1 * r}, {.2 * r, .9 * r, 1.0 * r}), 2, 25));
}

void add_beast_part(Toy& toy, const Beast& b, Vec head, double back) {
  const double r = b.head_radius;
  const Vec nose = head + Vec{b.head / 2, 0, -.3 * r};
  switch (b.extra) {
    case BeastPart::none:
      break;
    case BeastPart::horns:
      toy.add_pair(rod(head + Vec{-.2 * r, .5 * r, .7 * r}, head + Vec{0, 1.3 * r, 2.1 * r},
                       .22 * r, .06 * r));
      break;
    case BeastPart::trunk:
      toy.add(rod(nose + Vec{-.05, 0, 0}, nose + Vec{.10, 0, -.28}, .09, .065));
      toy.add(rod(nose + Vec{.10, 0, -.28}, nose + Vec{.16, 0, -.46}, .065, .045));
      toy.add_pair(rod(nose + Vec{0, .1, -.08}, nose + Vec{.24, .12, -.12}, .03, .01));
      break;
    case BeastPart::mane:
      toy.add(ball(head + Vec{-.12, 0, 0}, {.11, 1.9 * r, 1.9 * r}));
      break;
    case BeastPart::hump:
      toy.add(ball({.04, 0, back}, {.2, .12, .2}));
      break;
    case BeastPart::nose_horn:
      toy.add(rod(nose + Vec{-.03, 0, .05}, nose + Vec{.07, 0, .30}, .06, .01));
      break;
    case BeastPart::snout:
      toy.add(rod(head, nose + Vec{.05, 0, 0}, .6 * r, .5 * r));
      break;
  }
}

Toy make_animal(const Beast& b) {
  Toy toy;
  const double middle = b.leg + .75 * b.body.z;
  toy.add(ball({.35 * b.body.x, 0, middle}, {.72 * b.body.x, b.body.y, b.body.z}));
  toy.add(ball({-.35 * b.body.x, 0, middle}, {.72 * b.body.x, b.body.y, .95 * b.body.z}));
  // A step: the legs of a side stand apart, and the other side's the other way round.
  for (const double side : {-1.0, 1.0})
    for (const double end : {-1.0, 1.0}) {
      const double x = end * (b.body.x - 1.1 * b.leg_radius), y = side * (b.body.y - b.leg_radius);
      toy.add(rod({x + side * end * .12 * b.leg, y, 0}, {.85 * x, y, middle}, b.leg_radius,
                  1.25 * b.leg_radius));
    }
  const Turn neck = turn_by(b.neck_rise), tail = turn_by(b.tail_rise);
  const Vec chest{.85 * b.body.x, 0, middle + .35 * b.body.z};
  const Vec nape = chest + b.neck * Vec{neck.cosine, 0, neck.sine};
  toy.add(
      rod(chest + -.1 * Vec{neck.cosine, 0, neck.sine}, nape, 1.35 * b.neck_radius, b.neck_radius));
  const Vec head = nape + Vec{.3 * b.head, 0, -.02};
  toy.add(turned(ball(head, {b.head / 2, .8 * b.head_radius, b.head_radius}), 1, 18));
  const Vec rump{-.95 * b.body.x, 0, middle + .4 * b.body.z};
  toy.add(rod(rump, rump + b.tail * Vec{-tail.cosine, 0, tail.sine}, b.tail_radius,
              .4 * b.tail_radius));
  add_ears(toy, b, head);
  add_beast_part(toy, b, head, middle + .9 * b.body.z);
  return fitted(std::move(toy));
}

}  // namespace

Category animals() {
  Category all;
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = make_animal(beasts[i]);
  return all;
}

}  // namespace rectify::data
