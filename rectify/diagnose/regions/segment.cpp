#include "rectify/diagnose/regions/segment.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/error.h"

namespace rectify::diagnose {

namespace {

void check_ends(const AffineNetwork& network, std::span<const float> from,
                std::span<const float> to) {
  for (const auto& end : {from, to})
    if (end.size() != network.inputs())
      fail("an end of the segment has ", end.size(), " numbers but the network takes ",
           network.inputs());
  if (std::ranges::equal(from, to))
    fail("both ends of the segment are the same input; take two different samples");
}

/// Puts neighbouring parts with the same function together.
class PieceCounter {
 public:
  void add(const AffinePart& part, SegmentPieces& into) {
    const double begin = part.cell.corners[0].x;
    if (!last_.empty() && same(part.outputs, begin)) return;
    if (!last_.empty()) into.kinks.push_back(begin);
    ++into.pieces;
    last_.assign(part.outputs.numbers.begin(), part.outputs.numbers.end());
  }

 private:
  /// Whether slopes, and values at `begin`, are equal up to rounding: to a billionth of the largest
  /// of an output, or of a millionth of the steepest so far. Values differ where there is a jump.
  bool same(const AffineRows& outputs, double begin) {
    const AffineRows last{last_, outputs.width};
    double slope = 0, value = 0, apart = 0, jump = 0;
    for (std::size_t i = 0; i < outputs.width; ++i) {
      const LinearForm now = outputs.form(i), before = last.form(i);
      const double at_now = now.at({begin, 0}), at_before = before.at({begin, 0});
      slope = std::max({slope, std::abs(now.x), std::abs(before.x)});
      value = std::max({value, std::abs(at_now), std::abs(at_before)});
      apart = std::max(apart, std::abs(now.x - before.x));
      jump = std::max(jump, std::abs(at_now - at_before));
    }
    steepest_ = std::max(steepest_, slope);
    const double scale = std::max(slope, 1e-6 * steepest_);
    return apart <= 1e-9 * scale && jump <= 1e-9 * std::max(value, scale);
  }

  std::vector<double> last_;
  double steepest_ = 0;
};

void add_answers(const AffinePart& part, std::vector<SegmentPieces::Stretch>& answers) {
  std::vector<LinearForm> forms;
  for (std::size_t i = 0; i < part.outputs.width; ++i) forms.push_back(part.outputs.form(i));
  std::vector<SegmentPieces::Stretch> found;
  const std::vector<Cell> parts = largest_parts(part.cell, forms);
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (!parts[i].corners.empty()) found.push_back({parts[i].corners[0].x, i});
  std::ranges::sort(found, {}, &SegmentPieces::Stretch::begin);
  for (const SegmentPieces::Stretch& stretch : found)
    if (answers.empty() || answers.back().largest != stretch.largest) answers.push_back(stretch);
}

}  // namespace

std::vector<PartsBehind> parts_behind(const AffineNetwork& network, const AffineCount& count) {
  std::vector<PartsBehind> all;
  for (std::size_t i = 0; i < count.after.size(); ++i)
    all.push_back({network.choosers()[i], count.after[i]});
  return all;
}

SegmentPieces pieces_between(const AffineNetwork& network, std::span<const float> from,
                             std::span<const float> to, ThreadPool& threads, std::size_t limit) {
  check_ends(network, from, to);
  AffineInputs inputs{.cells = {Cell{{{0, 0}, {1, 0}}}}, .terms = 2};
  inputs.rows.assign(from.begin(), from.end());
  for (std::size_t i = 0; i < from.size(); ++i)
    inputs.rows.push_back(double{to[i]} - double{from[i]});
  SegmentPieces result;
  PieceCounter counter;
  const AffineCount count =
      network.run(std::move(inputs), limit, threads, [&](const AffinePart& part) {
        ++result.patterns;
        counter.add(part, result);
        if (part.outputs.width > 1) add_answers(part, result.answers);
      });
  if (!count.complete) return {.complete = false};
  result.after = parts_behind(network, count);
  return result;
}

}  // namespace rectify::diagnose
