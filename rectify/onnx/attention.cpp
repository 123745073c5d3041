#include "rectify/onnx/attention.h"

#include <cmath>

#include "rectify/graph/operator.h"

namespace rectify::onnx {

namespace {

/// A score whose exp is 0 beside that of any other score.
constexpr double hidden = -1e4;

/// Sequences in a sample (`before`), heads, places, channels of a head (`width`), and the stride
/// from one place to the next in memory (`row`).
struct Heads {
  std::int64_t before = 1, heads = 0, places = 0, width = 0, row = 0;
  bool operator==(const Heads&) const = default;
};

/// Reads the axes heads x places x channels, perhaps with an axis of sequences before them. Nothing
/// if a head's channels do not stand side by side.
std::optional<Heads> heads_of(const std::vector<Axis>& axes) {
  if (axes.size() < 3 || axes.size() > 4) return std::nullopt;
  for (const Axis& axis : axes)
    if (axis.size() > 1) return std::nullopt;
  const Axis none, &before = axes.size() == 4 ? axes[0] : none, &heads = axes[axes.size() - 3],
                   &places = axes[axes.size() - 2], &width = axes.back();
  Heads h{.before = extent_of(before),
          .heads = extent_of(heads),
          .places = extent_of(places),
          .width = extent_of(width)};
  if (!width.empty() && width[0].stride != 1) return std::nullopt;
  if (!heads.empty() && heads[0].stride != h.width) return std::nullopt;
  h.row = !places.empty() ? places[0].stride : before.empty() ? 0 : before[0].stride;
  if (!before.empty() && before[0].stride != h.places * h.row) return std::nullopt;
  return h;
}

/// The factor by which a formula scales its numbers, 1 without a formula; nothing for any other
/// function.
std::optional<double> factor_of(const Value& piece) {
  if (!piece.formula) return 1;
  const auto line = line_of(*piece.formula);
  if (!line || (*line)[1] != 0) return std::nullopt;
  return (*line)[0];
}

bool is_piece(const Value& v) {
  return !v.constant && !v.fit && v.mean_axis < 0 && v.centred_axis < 0 && !v.ids;
}

bool give_scores(Call& call, const Value& first, const Value& second) {
  const Value q = piece_of(call, first);
  Value k = piece_of(call, second);
  if (k.view.axes.size() < 3) return false;
  std::swap(k.view.axes[k.view.axes.size() - 2], k.view.axes.back());
  const auto a = heads_of(q.view.axes), b = heads_of(k.view.axes);
  const auto fq = factor_of(q), fk = factor_of(k);
  if (!a || !b || *a != *b || !fq || !fk) return false;
  Value scores{.view = q.view};
  scores.fit = std::make_shared<Fit>(
      Fit{.queries = q, .keys = k, .scale = *fq * *fk, .causal = false, .shares = false});
  call.give(std::move(scores));
  return true;
}

/// The node with queries, keys and values side by side; -1 if they lie in another way.
graph::NodeId side_by_side(Call& call, const Value& q, const Value& k, const Value& v,
                           const Heads& h) {
  const std::int64_t channels = h.heads * h.width, places = h.before * h.places;
  const auto row_is = [&](std::int64_t row) { return places == 1 || h.row == row; };
  const auto rows_of = [&](std::int64_t row) {
    return h.before == 1 ? Shape{h.places, row} : Shape{h.before, h.places, row};
  };
  if (q.view.node == k.view.node && k.view.node == v.view.node && q.offset <= 0 &&
      k.offset == channels && v.offset == 2 * channels && row_is(3 * channels) &&
      call.graph().node(q.view.node).type.shape.size() == places * 3 * channels)
    return call.reader.shaped(q.view.node, rows_of(3 * channels));
  std::vector<graph::NodeId> nodes;
  for (const Value* piece : {&q, &k, &v}) {
    if (piece->offset > 0 || !row_is(channels) ||
        call.graph().node(piece->view.node).type.shape.size() != places * channels)
      return -1;
    nodes.push_back(call.reader.shaped(piece->view.node, rows_of(channels)));
  }
  return call.graph().add("concat", nodes);
}

bool give_means(Call& call, const Value& shares, const Value& values) {
  const Fit& fit = *shares.fit;
  const Value v = piece_of(call, values);
  const auto h = heads_of(v.view.axes), a = heads_of(fit.queries.view.axes);
  if (!fit.shares || !h || *h != *a || v.formula) return false;
  const double scale = 1 / std::sqrt(static_cast<double>(h->width));
  if (!(std::abs(fit.scale - scale) <= 1e-6 * scale))
    call.unmapped("ends an attention whose scores are scaled by ", fit.scale,
                  "; 1 / sqrt of a head's channels, ", scale, ", is mapped");
  const graph::NodeId x = side_by_side(call, fit.queries, fit.keys, v, *h);
  if (x < 0) return false;
  graph::Attributes attributes;
  attributes.set("heads", h->heads);
  attributes.set("causal", std::string(fit.causal ? "yes" : "no"));
  const graph::NodeId node = call.build("attention", x, attributes);
  View all =
      *regrouped(natural_view(call.graph(), node), {h->before, h->places, h->heads, h->width});
  std::swap(all.axes[1], all.axes[2]);
  if (v.view.axes.size() == 3) all.axes.erase(all.axes.begin());
  call.give(all);
  return true;
}

/// Whether a constant has a number for each pair of places, one of the queries and one of the keys.
bool is_of_pairs(const Constant& c, std::int64_t places) {
  const std::size_t rank = c.extents.size();
  return rank >= 2 && rank <= 4 && c.extents[rank - 1] == places && c.extents[rank - 2] == places &&
         c.size() == places * places;
}

enum class Mask { none, causal, other };

/// The mask that hides the pairs of places for which hides(number) holds. For every other pair
/// shows(number) must hold; else the mask is `other`.
template <class Hides, class Shows>
Mask mask_of(const Constant& c, std::int64_t places, Hides hides, Shows shows) {
  const std::vector<float> numbers = c.as_floats();
  bool causal = true, none = true;
  for (std::int64_t t = 0; t < places; ++t)
    for (std::int64_t s = 0; s < places; ++s) {
      const float number = numbers[static_cast<std::size_t>(t * places + s)];
      if (!hides(number) && !shows(number)) return Mask::other;
      none = none && !hides(number);
      causal = causal && hides(number) == (s > t);
    }
  return none ? Mask::none : causal ? Mask::causal : Mask::other;
}

Mask added_mask(const Constant& c, std::int64_t places) {
  return mask_of(
      c, places, [](float v) { return v <= hidden; }, [](float v) { return v == 0; });
}

}  // namespace

Value piece_of(Call& call, const Value& value) {
  if (!is_piece(value)) call.unmapped("reads a value that is computed only in part here");
  if (value.part_axis < 0) return value;
  const auto axis = static_cast<std::size_t>(value.part_axis);
  if (value.view.axes[axis].size() != 1) call.unmapped("is of a part of a value");
  Value piece{.view = value.view, .formula = value.formula};
  const std::int64_t stride = value.view.axes[axis][0].stride;
  piece.view.axes[axis] = value.part_size == 1 ? Axis{} : Axis{{value.part_size, stride}};
  piece.offset = value.part_first * stride;
  return piece;
}

bool give_attention(Call& call) {
  const Value &first = call.value(0), &second = call.value(1);
  if (first.constant || !is_piece(second)) return false;
  return first.fit ? give_means(call, first, second)
                   : is_piece(first) && give_scores(call, first, second);
}

bool give_fit(Call& call, const std::vector<Value>& arguments) {
  const std::string& op = call.node.op_type();
  const bool chosen = op == "Where";
  const std::size_t at = chosen ? (arguments[1].fit ? 1 : 2) : arguments[0].fit ? 0 : 1;
  const Value& fit = arguments[at];
  if (!fit.fit || fit.fit->shares) return false;
  auto next = std::make_shared<Fit>(*fit.fit);
  const std::int64_t places = extent_of(fit.view.axes[fit.view.axes.size() - 2]);
  const Constant* other = arguments[chosen ? 3 - at : 1 - at].constant.get();
  if (!other || other->size() < 1) return false;
  const bool single = other->size() == 1 && other->extents.size() <= 4;
  Mask mask = Mask::none;
  if (chosen) {
    const Constant* pairs = arguments[0].constant.get();
    if (!pairs || !single || !(other->scalar() <= hidden) || !is_of_pairs(*pairs, places))
      return false;
    const bool shown = at == 1;  // where the condition holds
    mask = mask_of(
        *pairs, places, [shown](float v) { return (v != 0) != shown; },
        [shown](float v) { return (v != 0) == shown; });
  } else if (op == "Add" && is_of_pairs(*other, places)) {
    mask = added_mask(*other, places);
  } else if (single && next->causal == false && (op == "Mul" || (op == "Div" && at == 0))) {
    next->scale = op == "Mul" ? next->scale * other->scalar() : next->scale / other->scalar();
  } else {
    return false;
  }
  if (mask == Mask::other) call.unmapped("hides other places than all later ones");
  next->causal = next->causal || mask == Mask::causal;
  Value result{.view = fit.view};
  result.fit = std::move(next);
  call.give(std::move(result));
  return true;
}

bool give_shares(Call& call) {
  const Value& x = call.value(0);
  if (!x.fit || x.fit->shares || call.node.op_type() != "Softmax") return false;
  const std::int64_t last = static_cast<std::int64_t>(x.view.axes.size());
  const std::int64_t axis = call.integer("axis", call.reader.operator_set() < 13 ? 1 : -1);
  if (axis != -1 && axis != last) call.unmapped("is of scores, but not over their last axis");
  Value shares{.view = x.view};
  auto next = std::make_shared<Fit>(*x.fit);
  next->shares = true;
  shares.fit = std::move(next);
  call.give(std::move(shares));
  return true;
}

}  // namespace rectify::onnx
