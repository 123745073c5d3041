#include "rectify/data/toys/collection.h"

namespace rectify::data {

namespace {

enum class Hat { none, brim, helmet, pointed, hair };
enum class Held { none, gun, shield, bag, lance };

/// Proportions and pose of a human figure, in units of half its height. Angles are degrees from
/// hanging straight down: `forward` lifts a limb ahead, `aside` away from the body.
struct Figure {
  double leg, leg_radius, stride, straddle;  ///< stride: forward of one leg, back of the other
  Vec trunk;                                 ///< half extents of the upper body
  double arm, arm_radius;
  double left_forward, left_aside, right_forward, right_aside;
  double head;   ///< its radius
  bool square;   ///< built of boxes, as a robot is
  double skirt;  ///< the radius of a skirt or gown at its hem; 0: trousers
  Hat hat;
  Held held;
  bool stand;  ///< it stands on a plate, as toy soldiers do
};

// clang-format off
constexpr std::array<Figure, toys_per_category> figures = {{
  // cowboy
  {.85, .11, 8, 14, {.15, .24, .32}, .62, .075, 15, 30, 40, 25, .17, false, 0,
   Hat::brim, Held::none, false},
  // soldier
  {.90, .10, 22, 6, {.14, .22, .33}, .62, .07, 70, -12, 55, -5, .15, false, 0,
   Hat::helmet, Held::gun, true},
  // robot
  {.62, .13, 0, 10, {.20, .32, .34}, .60, .10, 85, 0, 20, 0, .20, true, 0,
   Hat::none, Held::none, false},
  // dancer
  {.90, .08, 0, 5, {.11, .17, .30}, .65, .055, 0, 100, 0, 120, .15, false, .42,
   Hat::hair, Held::none, true},
  // knight
  {.82, .12, 10, 10, {.18, .27, .34}, .58, .09, 60, 20, 50, 15, .18, false, 0,
   Hat::helmet, Held::shield, false},
  // runner
  {.95, .09, 38, 3, {.12, .19, .33}, .62, .065, 60, 8, -50, 8, .15, false, 0,
   Hat::hair, Held::none, false},
  // wizard
  {.85, .10, 0, 6, {.15, .22, .34}, .60, .075, 65, 30, 20, 20, .16, false, .40,
   Hat::pointed, Held::lance, false},
  // child
  {.55, .10, 0, 12, {.16, .20, .26}, .45, .075, 10, 60, 10, 60, .24, false, 0,
   Hat::hair, Held::none, false},
  // spearman
  {.88, .11, 25, 12, {.16, .26, .32}, .62, .085, 95, 15, -30, 25, .16, false, 0,
   Hat::none, Held::lance, true},
  // traveller
  {.80, .12, 15, 6, {.18, .24, .36}, .60, .08, 20, 10, -15, 15, .17, false, 0,
   Hat::brim, Held::bag, false},
}};
// clang-format on

/// The direction of a limb that hangs down when both angles are 0; `side` is 1 on the left.
Vec limb(double forward, double aside, double side) {
  const Vec out = turned(Vec{0, 0, -1}, 0, turn_by(side * aside));
  return turned(out, 1, turn_by(-forward));
}

Solid bar(Vec from, Vec to, double radius, bool square) {
  if (!square) return rod(from, to, 1.1 * radius, .85 * radius);
  return fin(from, to, 2 * radius, 2 * radius, 1);
}

void add_hat(Toy& toy, const Figure& f, Vec head) {
  const double r = f.head;
  if (f.hat == Hat::brim) {
    toy.add(rod(head + Vec{0, 0, .45 * r}, head + Vec{0, 0, .6 * r}, 1.9 * r));
    toy.add(rod(head + Vec{0, 0, .5 * r}, head + Vec{0, 0, 1.4 * r}, .95 * r, .75 * r));
  }
  if (f.hat == Hat::helmet) {
    toy.add(ball(head + Vec{0, 0, .25 * r}, {1.2 * r, 1.15 * r, .95 * r}));
    toy.add(rod(head + Vec{0, 0, .1 * r}, head + Vec{0, 0, .2 * r}, 1.35 * r));
  }
  if (f.hat == Hat::pointed)
    toy.add(rod(head + Vec{0, 0, .4 * r}, head + Vec{-.4 * r, 0, 2.8 * r}, 1.2 * r, .05 * r));
  if (f.hat == Hat::hair) toy.add(ball(head + Vec{-.35 * r, 0, .2 * r}, {r, 1.08 * r, 1.0 * r}));
}

void add_held(Toy& toy, const Figure& f, Vec left_hand, Vec right_hand, double hip) {
  if (f.held == Held::gun)
    toy.add(rod(right_hand + Vec{-.25, 0, -.05}, left_hand + Vec{.35, 0, .12}, .045, .025));
  if (f.held == Held::shield) {
    toy.add(turned(ball(left_hand + Vec{.06, .02, 0}, {.05, .26, .34}), 2, 30));
    toy.add(rod(right_hand + Vec{-.05, 0, -.02}, right_hand + Vec{.45, 0, .5}, .035, .02));
  }
  if (f.held == Held::lance) {
    const double reach = left_hand.z;
    toy.add(rod(left_hand + Vec{0, 0, -reach}, left_hand + Vec{0, 0, 1.9 - reach}, .03));
  }
  if (f.held == Held::bag) {
    toy.add(block({-.28, 0, hip + .45}, {.13, .2, .24}, .2, .2));
    toy.add(block(right_hand + Vec{0, 0, -.14}, {.18, .07, .14}));
  }
}

Toy make_human(const Figure& f) {
  Toy toy;
  const double hip = f.leg * turn_by(f.stride).cosine + .04;
  for (const double side : {-1.0, 1.0}) {
    const Vec from{0, side * .55 * f.trunk.y, hip};
    const Vec foot = from + f.leg * limb(side * f.stride, f.straddle, side);
    toy.add(bar(from, foot, f.leg_radius, f.square));
    toy.add(block(foot + Vec{.06, 0, 0}, {1.6 * f.leg_radius, f.leg_radius, .05}));
  }
  if (f.skirt > 0) toy.add(rod({0, 0, .35 * hip}, {0, 0, hip + .1}, f.skirt, .8 * f.trunk.y));
  const double shoulder = hip + 1.9 * f.trunk.z;
  const Vec chest{0, 0, hip + .95 * f.trunk.z};
  // Turned upside down, a box that narrows upwards is wide at the shoulders.
  if (f.square)
    toy.add(block(chest, f.trunk));
  else
    toy.add(turned(block(chest, f.trunk, .25, .30), 0, 180));
  const Vec head{.02, 0, shoulder + 1.15 * f.head};
  toy.add(rod({0, 0, shoulder - .05}, head, .5 * f.head));
  toy.add(f.square ? block(head, {f.head, f.head, f.head})
                   : ball(head, {f.head, .9 * f.head, 1.1 * f.head}));
  const Vec left{0, f.trunk.y + .4 * f.arm_radius, shoulder - f.arm_radius};
  const Vec right{0, -left.y, left.z};
  const Vec left_hand = left + f.arm * limb(f.left_forward, f.left_aside, 1);
  const Vec right_hand = right + f.arm * limb(f.right_forward, f.right_aside, -1);
  toy.add(bar(left, left_hand, f.arm_radius, f.square));
  toy.add(bar(right, right_hand, f.arm_radius, f.square));
  for (const Vec& hand : {left_hand, right_hand})
    toy.add(ball(hand, {1.1 * f.arm_radius, 1.1 * f.arm_radius, 1.1 * f.arm_radius}));
  add_hat(toy, f, head);
  add_held(toy, f, left_hand, right_hand, hip);
  if (f.stand) toy.add(rod({0, 0, -.08}, {0, 0, -.02}, .5));
  return fitted(std::move(toy));
}

}  // namespace

Category humans() {
  Category all;
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = make_human(figures[i]);
  return all;
}

}  // namespace rectify::data
